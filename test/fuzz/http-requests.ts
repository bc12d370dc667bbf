// Random conversations: what a client might send on one connection, simple requests mostly, and how it is cut. The same
// seed makes the same ones.

import fc from 'fast-check';

/** What is sent, and the lengths of the pieces in which it is sent, over and over. */
export interface Conversation {
  text: string;
  cuts: readonly number[];
}

/** Mostly the first, sometimes one of the others. */
function mostly<T>(first: fc.Arbitrary<T>, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: first, weight: 12 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
}

const line = fc
  .tuple(
    mostly(
      fc.constantFrom(
        'Authorization',
        'User-Agent',
        'X-Forwarded-For',
        'X-Forwarded-Method',
        'X-Forwarded-Uri',
        'Cookie',
      ),
      ...['Host', 'Connection', 'Content-Length', 'Transfer-Encoding', 'Expect', 'Origin', '__proto__', 'X y', ''],
    ),
    mostly(
      fc.constantFrom('Bearer good', 'Bearer weak', 'Bearer nobody', 'GET', '/items/1', '192.0.2.1', 'keep-alive', ''),
      ...['close', 'chunked', '0', '3', 'a, b', 'é', '\0', 'a\r\n b'],
    ),
    mostly(fc.constant('\r\n'), '\n', ''),
  )
  .map(([name, value, end]) => `${name}: ${value}${end}`);

const body = fc.constantFrom('{}', '{"credential":"good"}', '{"credential":"nobody"}', 'x', '"\\r\\n\\r\\n"');

/** Header lines about the body, and the body. */
type Framing = readonly [lines: string, text: string];

const form = fc.constantFrom('token=good', 'token=nobody&x=y', 'token=good&token=good', 'token=', 'a=%zz');
const mediaTypes = [
  { arbitrary: body.map((text) => ['application/json', text] as const), weight: 3 },
  { arbitrary: form.map((text) => ['application/x-www-form-urlencoded', text] as const), weight: 1 },
];

const framing = mostly<Framing>(
  fc
    .oneof(...mediaTypes)
    .map(([type, text]): Framing => [`Content-Type: ${type}\r\nContent-Length: ${text.length}\r\n`, text]),
  ['Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n'],
  ['Content-Length: 5\r\n', '{}'],
  ['Content-Length: 02\r\n', '{}'],
  ['', ''],
);

const target = mostly(
  fc.constantFrom(
    '/v1/check',
    '/forward-auth',
    '/v1/check?permissions=read:items',
    '/healthz',
    '/v1/verify',
    '/oauth/introspect',
  ),
  ...[
    '/v1/check?token=x',
    '/nowhere',
    '/nowhere',
    '/v1//check',
    'http://a/v1/check',
    '*',
    '/a b',
    '/v1/check?cost=1&cost=2',
  ],
);

const host = mostly(fc.constant('Host: a\r\n'), '', 'Host: a, b\r\n', 'Host: u@a\r\n', 'Host: a/b\r\n');

/** What a proxy tells of the call that it asks about. */
const forwarded = 'X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /items/1\r\n';

const request = fc
  .tuple(
    mostly(fc.constantFrom('GET', 'HEAD', 'POST'), 'OPTIONS', 'get', 'DELETE'),
    target,
    mostly(fc.constant('HTTP/1.1'), 'HTTP/1.0', 'HTTP/2.0'),
    host,
    fc.array(line, { maxLength: 4 }),
    framing,
  )
  .map(([method, path, version, hosts, lines, [frame, text]]) => {
    const isPost = method === 'POST';
    const told = path === '/forward-auth' && lines.length < 3 ? forwarded : '';
    return `${method} ${path} ${version}\r\n${hosts}${told}${lines.join('')}${isPost ? frame : ''}\r\n${isPost ? text : ''}`;
  });

export const conversations: fc.Arbitrary<Conversation> = fc.record({
  text: fc
    .array(mostly(request, '\r\n', 'nonsense\r\n\r\n', '\x16\x03\x01'), { minLength: 1, maxLength: 4 })
    .map((all) => all.join('')),
  cuts: fc.array(fc.oneof(fc.constant(100_000), fc.integer({ min: 1, max: 120 })), { minLength: 1, maxLength: 4 }),
});
