// Odd input for every route, at random, on both databases at once. What each field says to a wrong value is tested by
// noun.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectProblem } from './calls.ts';
import { createOrganizationFixture, type OrganizationFixture } from './organization-fixture.ts';
import { rows } from './routes.ts';

/** What people and programs put where it does not belong; each has broken something somewhere. */
const naughty = [
  '',
  ' ',
  '\t',
  "'",
  '"',
  '\\',
  '%',
  '_',
  '%s%n',
  '../../etc/passwd',
  "' or '1'='1",
  "'; drop table users; --",
  '$1',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '\u202eabc',
  '\u200b',
  'İ',
  'ß',
  'ﷺ',
  '\uFFFD',
  '👩‍👩‍👧‍👦',
  'Ω≈ç√',
  '٣',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '1e309',
  '__proto__',
  'constructor',
  'toString',
  'owner',
  'admin',
  '*',
  '*:*',
  'read:*',
  'a:b:c',
  ':',
  'x'.repeat(200),
  'é'.repeat(5000),
];

interface Side {
  server: TestServer;
  owner: string;
  fixture: OrganizationFixture;
}

let sides: Side[];
beforeAll(async () => {
  sides = [];
  for (const database of ['sqlite', 'postgres'] as const) {
    const server = await startServer({ database });
    const fixture = await createOrganizationFixture(server, server.organization, server.owner);
    sides.push({ server, fixture, owner: await bearerOf(server, server.owner) });
  }
});
afterAll(async () => {
  for (const { server } of sides ?? []) await server.stop();
});

const text = fc.oneof(fc.constantFrom(...naughty), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 2 ** 31, 2 ** 53 - 1, 1.5, null, true) },
);

const request = fc.constantFrom(...rows).chain((row) => {
  const fields = Object.keys(row.body?.() ?? {});
  const bodies = [
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
    fc.dictionary(fc.oneof(fc.constantFrom('name', 'id', ...fields), text), value, { maxKeys: 3 }),
    // One field of a good body is replaced, so that what lies behind the schema is reached too.
    ...(fields.length === 0
      ? []
      : [fc.tuple(fc.constantFrom(...fields), value).map(([field, one]) => ({ ...row.body?.(), [field]: one }))]),
  ];
  return fc.record({
    row: fc.constant(row),
    body: row.method === 'GET' ? fc.constant(undefined) : fc.oneof(...bodies),
    query: fc.option(fc.tuple(fc.constantFrom('limit', 'cursor', 'search', 'sort', 'before', 'whose'), text), {
      freq: row.method === 'GET' ? 2 : 6,
    }),
    handle: fc.option(text, { freq: 3 }),
  });
});

/** `KEYWARD_TRIES=50000 npm test -- test/wire/native/bad-input.test.ts`: more than ten thousand others are in test/bad-input. */
const tries = Number(process.env.KEYWARD_TRIES ?? 2000);

test(`answers ${tries} odd requests without a 5xx, every refusal a problem, alike on both databases [S77]`, async () => {
  const property = fc.asyncProperty(request, async ({ row, body, query, handle }) => {
    const answers = [];
    for (const { server, owner, fixture } of sides) {
      const place = row.path(handle === null ? fixture : everywhere(inUrl(handle)));
      const [name, one] = query ?? [];
      const path = place + (name === undefined ? '' : `?${name}=${inUrl(one ?? '')}`);
      const bearer = row.needs === 'open' ? undefined : owner;
      const answer = await call(server, row.method, path, bearer, body);
      expect(answer.status, answer.text).toBeLessThan(500);
      if (answer.status >= 400) expectProblem(answer, answer.status, codeOf(answer.body));
      const { errors } = (answer.body ?? {}) as { errors?: { at: string }[] };
      answers.push([answer.status, answer.status >= 400 ? codeOf(answer.body) : '', errors?.map(({ at }) => at)]);
    }
    expect(answers[1]).toEqual(answers[0]);
  });
  await fc.assert(property, { numRuns: tries, endOnFailure: true });
}, 900_000);

/** Short enough that it is read at all; what is too long belongs to problems.test.ts. */
function inUrl(text: string): string {
  return encodeURIComponent(text.slice(0, 300).toWellFormed());
}

function codeOf(body: Record<string, unknown>): string {
  return String(body.type).replace(/^.*\/problems\//, '');
}

function everywhere(id: string): OrganizationFixture {
  const of = {
    organization: id,
    user: id,
    apiUser: id,
    deletedApiUser: id,
    token: id,
    deletedToken: id,
    federatedCredential: id,
    webhook: id,
    delivery: id,
  };
  return {
    ...of,
    recipe: id,
    application: id,
    authorization: id,
    role: id,
    permission: id,
    api: id,
    plan: id,
    kid: id,
  };
}
