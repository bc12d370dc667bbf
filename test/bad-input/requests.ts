// Bad requests for an endpoint, drawn from a seed: its body, its query, its path, its headers or its method is wrong.
// `@@owner@@` and the like stand for what each server has of its own, and are filled in when a request is sent.

import fc from 'fast-check';
import { asForm, badBodies, percent } from './bodies.ts';
import type { Endpoint } from './endpoints/row.ts';
import { badCredentials, badLines, canary, harmlessLines } from './headers.ts';
import { bytesOf, type Call } from './http-client.ts';
import { brokenStrings, naughtyStrings } from './naughty-strings.ts';

export interface BadRequest {
  endpoint: Endpoint;
  call: Call;
  /** True where nothing but a 4xx may come back. */
  refused: boolean;
}

/** `count` different bad requests for an endpoint, the same for the same seed; as the owner, or without a credential. */
export function badRequests(endpoint: Endpoint, caller: 'owner' | 'nobody', count: number, seed: number): BadRequest[] {
  const found = new Map<string, BadRequest>();
  for (let round = 0; found.size < count && round < 20; round += 1) {
    for (const request of fc.sample(badRequest(endpoint, caller, round), { numRuns: count, seed: seed + round })) {
      if (found.size < count) found.set(bytesOf(request.call).toString('latin1'), request);
    }
  }
  return [...found.values()];
}

type Draft = Omit<BadRequest, 'endpoint'>;

function badRequest(endpoint: Endpoint, caller: 'owner' | 'nobody', round: number): fc.Arbitrary<BadRequest> {
  const [method = '', path = ''] = endpoint.route.split(' ');
  const identified = endpoint.credential === 'bearer' && caller === 'owner';
  const base: Call = {
    method,
    target: path.replace(/:[A-Za-z]+/, endpoint.parameter ?? ''),
    headers: identified ? [['Authorization', 'Bearer @@owner@@']] : [],
  };
  const kinds: fc.WeightedArbitrary<Draft>[] = [
    { weight: 5, arbitrary: queries(base, endpoint) },
    { weight: 4, arbitrary: credentials(base, endpoint) },
    { weight: 2, arbitrary: headers(base) },
    { weight: 1, arbitrary: methods(base) },
  ];
  if (method !== 'GET' && method !== 'HEAD') kinds.push({ weight: 24, arbitrary: bodies(base, endpoint, round) });
  if (endpoint.parameter !== undefined) kinds.push({ weight: 8, arbitrary: parameters(base, endpoint, path) });
  const isRefused = endpoint.credential === 'bearer' && !identified;
  return fc.oneof(...kinds).map((draft) => ({ endpoint, call: draft.call, refused: draft.refused || isRefused }));
}

/** The call with more header lines, and perhaps a body. */
function withLines(call: Call, lines: Call['headers'], body?: string | Buffer): Call {
  const headers = [...call.headers, ...lines];
  return body === undefined ? { ...call, headers } : { ...call, headers, body: Buffer.from(body) };
}

const mediaTypes = fc.constantFrom(
  ...[
    'text/plain',
    'text/json',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    '*/*',
  ],
  ...['application/json; charset=utf-16', 'application/json; charset=latin1', 'application/jsonx', 'json', '', 'a/b/c'],
  ...[
    'application/merge-patch+json',
    'application/json, text/plain',
    'application/cbor',
    '\u00e9/x',
    ';',
    'application/json;;',
  ],
);

const codings = fc.constantFrom('gzip', 'br', 'zstd', 'deflate', 'identity, gzip', 'x');
const json = ['Content-Type', 'application/json'] as const;
const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const;

function bodies(base: Call, endpoint: Endpoint, round: number): fc.Arbitrary<Draft> {
  const isRead = endpoint.dialect !== 'parsers' && !endpoint.guarded;
  return fc.nat({ max: 100_000 }).chain((n) => {
    const good = endpoint.body?.(round * 1_000_000 + n) ?? {};
    const text = JSON.stringify(good);
    const bad = badBodies(good).map(({ bytes, refused }) => ({
      call: withLines(base, [json], bytes),
      // Where a body may be left out, one that was cut to nothing is none.
      refused: isRead && refused && (endpoint.body !== undefined || bytes.length > 0),
    }));
    const typed = mediaTypes.map((type) => ({ call: withLines(base, [['Content-Type', type]], text), refused: false }));
    const names = fc.constantFrom(...Object.keys(good), 'a[]', 'a[b]', '__proto__', 'x');
    const asked = fc.tuple(names, naughtyText).map(([name, value]) => ({
      call: withLines(base, [form], `${asForm(good)}&${name}=${percent(value)}`),
      refused: isRead && endpoint.dialect !== 'debricked',
    }));
    const coded = codings.map((coding) => ({
      call: withLines(base, [json, ['Content-Encoding', coding]], text),
      refused: !endpoint.guarded,
    }));
    return fc.oneof(
      { weight: 20, arbitrary: bad },
      { weight: 2, arbitrary: typed },
      { weight: 2, arbitrary: asked },
      { weight: 1, arbitrary: coded },
    );
  });
}

const naughtyText = fc.constantFrom(...naughtyStrings.filter((text) => text.length < 2000), ...brokenStrings);

const badQueries = fc.constantFrom(
  ...[
    'a=%',
    'a=%zz',
    'a=%c0%af',
    'a=%ff',
    'a=%00',
    'a=1&a=2',
    'limit=1&limit=2',
    'a[]=1',
    'a[b]=1',
    'a[__proto__][x]=1',
  ],
  ...['__proto__=1', 'constructor=1', 'prototype=1', '=1', 'a=1&a=1&a=1', 'a%5B%5D=1', `token=${canary}`],
  ...[`access_token=${canary}`, `api_key=${canary}`, `ACCESS_TOKEN=${canary}`, `a=${'x'.repeat(9_000)}`],
  ...[Array.from({ length: 101 }, (_, at) => `p${at}=1`).join('&')],
);

const queryNames = fc.constantFrom(
  ...['limit', 'cursor', 'search', 'sort', 'order', 'deleted', 'whose', 'before', 'offset', 'page', 'rowsPerPage'],
  ...['sortColumn', 'name', 'x', 'redirect', '_method', 'id'],
);

function queries(base: Call, { guarded }: Endpoint): fc.Arbitrary<Draft> {
  const asked = (query: string, refused: boolean) => ({
    call: { ...base, target: `${base.target}?${query}` },
    refused,
  });
  const odd = fc
    .tuple(queryNames, naughtyText)
    .map(([name, text]) => asked(`${name}=${percent(text)}`, !guarded && !text.isWellFormed()));
  return fc.oneof(
    { weight: 2, arbitrary: badQueries.map((query) => asked(query, !guarded)) },
    { weight: 3, arbitrary: odd },
    { weight: 1, arbitrary: fc.webQueryParameters({ size: '+1' }).map((query) => asked(query, false)) },
  );
}

function parameters(base: Call, { guarded }: Endpoint, path: string): fc.Arbitrary<Draft> {
  const put = (text: string): Call => ({ ...base, target: path.replace(/:[A-Za-z]+/, () => text) });
  const raw = fc.constantFrom(
    ...[
      '../x',
      './x',
      'a//b',
      '%2e%2e%2f',
      '%2E%2E',
      'a%2Fb',
      'a%5cb',
      'a;b=c',
      'a\\b',
      '%00',
      '%0d%0aX: y',
      '%zz',
      '%c0%af',
    ],
    ...['%ff', '%7f', 'a%3bb', `${'x'.repeat(8_300)}`, '..%252f', '%ed%a0%80'],
  );
  return fc.oneof(
    naughtyText.map((text) => ({ call: put(percent(text)), refused: false })),
    raw.map((text) => ({ call: put(text), refused: !guarded })),
  );
}

function credentials(base: Call, endpoint: Endpoint): fc.Arbitrary<Draft> {
  const call = {
    ...base,
    headers: endpoint.body === undefined ? [] : [json],
    ...(endpoint.body !== undefined && { body: Buffer.from(JSON.stringify(endpoint.body(1))) }),
  };
  const owner = ['Authorization', 'Bearer @@owner@@'] as const;
  const refused = endpoint.credential === 'bearer';
  const bad = fc.constantFrom(...badCredentials);
  const alone = bad.map((value) => ({ call: withLines(call, [['Authorization', value]]), refused }));
  const twice = fc.tuple(bad, fc.boolean()).map(([value, ownerFirst]) => {
    const other = ['authorization', value] as const;
    return { call: withLines(call, ownerFirst ? [owner, other] : [other, owner]), refused: true };
  });
  const places = fc.constantFrom(canary, '@@apiToken@@', '').map((value) => {
    return { call: { ...withLines(call, [owner]), target: `${base.target}?apiToken=${value}` }, refused };
  });
  return fc.oneof({ weight: 4, arbitrary: alone }, { weight: 1, arbitrary: twice }, { weight: 1, arbitrary: places });
}

function headers(base: Call): fc.Arbitrary<Draft> {
  return fc.oneof(
    fc.constantFrom(...badLines).map((lines) => ({ call: withLines(base, lines), refused: true })),
    fc.constantFrom(...harmlessLines).map((lines) => ({ call: withLines(base, lines), refused: false })),
  );
}

const unusual = ['OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'get', 'Post', 'M-SEARCH', 'BREW', 'CONNECT'];

function methods(base: Call): fc.Arbitrary<Draft> {
  const any = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', ...unusual);
  return fc.tuple(any, fc.constantFrom('', '/', '/x')).map(([method, more]) => ({
    call: { ...base, method, target: `${base.target}${more}` },
    refused: unusual.includes(method),
  }));
}
