// The type of a problem is an address that a browser can open: a page for every problem that can be answered, in a policy
// that lets it do nothing, and the same in the documentation.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KeywardError } from '../../../sdk/src/index.ts';
import { responseTo, responseToAmbiguity, responseToError } from '../../../sdk/src/middleware/guard-response.ts';
import { type Reason, refused } from '../../../sdk/src/verifier/verdict.ts';
import { problemTypes } from '../../../server/src/dialects/native/problem-types.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call } from './calls.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const codes = Object.entries(problemTypes);

/** The page at a type; expects that there is one. */
async function pageAt(type: string): Promise<string> {
  const answer = await fetch(type);
  expect(answer.status, type).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  return answer.text();
}

test.each(codes)('%s has a page that says what happened and what to do', async (code, { status, title }) => {
  const page = await pageAt(`${server.url}/problems/${code}`);
  expect(page).toContain(`<h1>${title}</h1>`);
  expect(page).toMatch(/<dt>What happened<\/dt><dd>[^<]+/);
  expect(page).toMatch(/<dt>What to do<\/dt><dd>.+<\/dd>/);
  expect(page).toContain(`<dd>${status}</dd>`);
  expect((await fetch(`${server.url}/problems/${code}`, { method: 'HEAD' })).status).toBe(200);
});

test('every code in the source has one', async () => {
  const [, union = ''] = /export type ErrorCode =([\s\S]*?);\n\n/.exec(read('server/src/core/errors.ts')) ?? [];
  const inCore = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const inSdk = [...read('sdk/src/middleware/guard-response.ts').matchAll(/(?:code: |typeOf\()'(\w+)'/g)].map(
    ([, one]) => one,
  );
  expect(inCore.length).toBeGreaterThan(15);
  expect(inSdk.length).toBeGreaterThan(8);
  for (const code of [...inCore, ...inSdk]) await pageAt(`${server.url}/problems/${code}`);
});

test('the type of what is answered is its address, whoever answers', async () => {
  const login = { email: server.owner.email, password: 'wrong' };
  const answers = await Promise.all([
    call(server, 'GET', '/v1/self'),
    call(server, 'GET', '/v1/self', 'kw_wrong'),
    call(server, 'GET', '/nothing'),
    call(server, 'DELETE', '/v1/self'),
    call(server, 'POST', '/v1/login', undefined, '{'),
    call(server, 'POST', '/v1/login', undefined, login),
    call(server, 'POST', '/v1/login', undefined, 'a', { 'content-type': 'text/plain' }),
    call(server, 'GET', '/forward-auth'),
    call(server, 'GET', '/problems/nothing'),
  ]);
  const reasons: Exclude<Reason, 'rate_limited'>[] = [
    'missing',
    'unknown',
    'expired',
    'exchange_only',
    'missing_permission',
  ];
  const guards = [
    ...reasons.map((reason) => responseTo(refused(reason), { issuer: server.url })),
    responseToError(new KeywardError('unavailable', ''), { issuer: server.url }),
    responseToAmbiguity({ issuer: server.url }),
  ];
  const types = [...answers.map(({ text }) => text), ...guards.map(({ body }) => body)].map(
    (text) => JSON.parse(text).type,
  );
  expect(new Set(types).size).toBeGreaterThan(6);
  for (const type of types) {
    expect(type).toMatch(new RegExp(`^${server.url}/problems/`));
    if (type !== `${server.url}/problems/not_found`) await pageAt(type);
  }
});

test('the pages may do nothing, and there is one that lists them', async () => {
  const answer = await fetch(`${server.url}/problems`);
  const list = await answer.text();
  for (const [code, { title }] of codes) expect(list).toContain(`<a href="/problems/${code}">${title}</a>`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
  expect(policy).not.toContain('unsafe');
});

test('the texts hold nothing that would have to be escaped', () => {
  for (const [, { title, happened, remedy }] of codes) expect(title + happened + remedy).not.toMatch(/[<>&"]/);
});

test('the documentation lists them all in the same words', () => {
  const rows = codes.map(
    ([code, { status, happened, remedy }]) => `| ${status} | \`${code}\` | ${happened} | ${remedy} |`,
  );
  const section = read('docs/api.md').split('\n## Errors\n')[1] ?? '';
  expect(section.match(/^\| \d.*$/gm)?.sort()).toEqual(rows.sort());
});

test('a guarded API keeps its own pages under the addresses where Keyward has some', async () => {
  const route = { methods: ['GET'], permissions: [], credential: 'none', dialect: null } as const;
  const other = await startServer({ routes: (upstream) => [{ ...route, path: '/problems/:name', upstream }] });
  try {
    expect(await (await fetch(`${other.url}/problems/conflict`)).json()).toMatchObject({ url: '/problems/conflict' });
  } finally {
    await other.stop();
  }
});
