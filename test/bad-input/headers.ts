// Header lines of bad requests: credentials that are none, lines that no server may take, and lines that change nothing.

/** Stands in the places of credentials; no answer may hold it. */
export const canary = 'Canary0f7d1c55e9';

type Line = readonly [name: string, value: string];

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const unsigned = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');

/** Values of Authorization with which nobody gets in; `@@owner@@` is a token that would. */
export const badCredentials: readonly string[] = [
  ...['Bearer', 'Bearer ', 'Bearer  ', 'bearer', `Bearer ${canary}`, `Bearer ${canary} ${canary}`, `Bearer\t${canary}`],
  ...[canary, `Bearer kw_${canary}`, `Bearer kw_${'0'.repeat(22)}_${'0'.repeat(36)}`, `Bearer AT1${canary}`],
  ...['Bearer a.b.c', 'Bearer ..', `Bearer ${unsigned}.e30.`, `Bearer ${'x'.repeat(9_000)}`],
  ...[
    'Basic',
    'Basic ',
    'Basic ====',
    'Basic !!!',
    `Basic ${canary}`,
    basic(''),
    basic(':'),
    basic('a'),
    basic('a:b:c'),
  ],
  ...[basic(':x'), basic(`x:${canary}`), basic(`kw_${canary}:`), basic('x\u0000:y'), basic('\r\n:x')],
  ...['Basic w7w=', 'Basic /w==', `Basic  ${basic('a:b').slice(6)} `],
  ...['apiToken', `apiToken ${canary}`, `ApiToken ${canary}`, `Digest username="${canary}"`, `Negotiate ${canary}`],
  ...['Token', ',', '\u00e9', 'Bearer @@owner@@x', 'Bearer @@owner@@.', 'Bearer x@@owner@@'],
  ...['Basic @@owner@@', 'Bearer "@@owner@@"', 'Bearer @@owner@@, Bearer @@owner@@', 'Bearer=@@owner@@', '@@owner@@'],
];

/** Refused everywhere, whoever calls. */
export const badLines: readonly (readonly Line[])[] = [
  ...one('X-Long', 'x'.repeat(17_000)),
  ...one('Bad Name', 'x'),
  ...one('X-Nul', 'a\u0000b'),
  ...one('X-Fold', 'a\r\n b'),
  ...one('X-Bare', 'a\nb: c'),
  ...one('Content-Length', '-1', '1e3', '5 5', '', '0x5'),
  ...one('Transfer-Encoding', 'chunked, identity'),
  twice('Host', 'a', 'b'),
  twice('Content-Type', 'a/b', 'c/d'),
  twice('X-Forwarded-For', '1.2.3.4', '5.6.7.8'),
  twice('Forwarded', 'for=1.2.3.4', 'for=5.6.7.8'),
  twice('Content-Length', '1', '2'),
  [
    ['Transfer-Encoding', 'chunked'],
    ['Content-Length', '5'],
  ],
];

/** These decide nothing; a coding that nobody knows may also be refused. */
export const harmlessLines: readonly (readonly Line[])[] = [
  ...one('X-HTTP-Method-Override', 'DELETE'),
  ...one('Accept', 'text/html;q=x', '\u00ff'),
  ...one('Cookie', `session=${canary}`),
  ...one('X-Forwarded-For', 'unknown, "x", ::1%eth0'),
  ...one('Forwarded', 'for="_x";proto=https'),
  ...one('Range', 'bytes=0-'),
  ...one('If-None-Match', '*'),
  ...one('Origin', 'null'),
  ...one('Accept-Encoding', 'br;q=2'),
  ...one('Host', 'evil.example'),
  ...one('Referer', `https://x.example/?token=${canary}`),
  ...one('User-Agent', '() { :;}; echo \u001b[31m'),
  ...one('Date', 'never'),
  ...one('Transfer-Encoding', 'gzip', 'xchunked'),
];

function one(name: string, ...values: string[]): (readonly Line[])[] {
  return values.map((value) => [[name, value]]);
}

function twice(name: string, value: string, other: string): readonly Line[] {
  return [
    [name, value],
    [name.toLowerCase(), other],
  ];
}
