// Every number that a client can send, at the edges where numbers break.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectProblem } from './calls.ts';

let server: TestServer;
let owner: string;
let organization: string;
beforeAll(async () => {
  server = await startServer();
  owner = await bearerOf(server, server.owner);
  organization = (await server.addOrganization('globex')).id;
});
afterAll(() => server?.stop());

/** As they stand in JSON; what JavaScript would round is written out. */
const texts = ['-1', '0', '-0', '1', '1.5', '1e0', '1e21', '1e400', '2147483647', '2147483648', '4294967296']
  .concat([
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '"1"',
    '""',
    'null',
    'true',
    '[]',
    '{}',
    'NaN',
    '01',
  ])
  .concat([
    '59',
    '60',
    '43200',
    '43201',
    '999',
    '1000',
    '1000000',
    '1000001',
    '1000000000',
    '1000000001',
    '2678400000',
  ]);

interface Parameter {
  name: string;
  method: string;
  path: () => string;
  /** The rest of the body. */
  rest: () => Record<string, unknown>;
  least: number;
  most: number;
  /** What was kept, as the answer has it. */
  kept: (body: Record<string, unknown>) => unknown;
  /** The body around the object that the number stands in. */
  within?: (text: string) => string;
  acceptsNull?: true;
}

let serial = 0;
function name(): string {
  serial += 1;
  return `number-${serial}`;
}
const planLimit = { limit: 10, windowMs: 60_000, per: 'contributor' };
const lifetimeOf = (body: Record<string, unknown>) =>
  Math.round((Date.parse(String(body.expiresAt)) - Math.floor(server.clock.now() / 1000) * 1000) / 1000);

const parameters: Parameter[] = [
  {
    name: 'lifetimeSeconds',
    method: 'POST',
    path: () => '/v1/access-tokens',
    rest: () => ({ apiToken: owner }),
    least: 60,
    most: 43_200,
    kept: lifetimeOf,
  },
  {
    name: 'contributors',
    method: 'POST',
    path: () => '/v1/organizations',
    rest: () => ({ name: name() }),
    least: 1,
    most: 1_000_000,
    kept: ({ contributors }) => contributors,
  },
  {
    name: 'contributors',
    method: 'PATCH',
    path: () => `/v1/organizations/${organization}`,
    rest: () => ({}),
    least: 1,
    most: 1_000_000,
    kept: ({ contributors }) => contributors,
  },
  ...[
    { name: 'limit', least: 1, most: 1_000_000_000 },
    { name: 'windowMs', least: 1000, most: 31 * 86_400_000 },
    { name: 'cap', least: 1, most: 1_000_000_000, acceptsNull: true as const },
  ].map((field) => ({
    ...field,
    method: 'PUT',
    path: () => '/v1/plans/numbers',
    rest: () => planLimit,
    within: (limit: string) => `{"name":"Plan","limits":[${limit}],"whenUnavailable":"local","entitlement":["*:*"]}`,
    kept: ({ limits }: Record<string, unknown>) => (limits as Record<string, unknown>[])[0]?.[field.name],
  })),
];

describe.each(parameters)('$name of $method', (parameter) => {
  test.each(texts)('is kept exactly or refused: %s [S79]', async (text) => {
    const rest: Record<string, unknown> = { ...parameter.rest() };
    delete rest[parameter.name];
    const own = `{${[...Object.entries(rest).map(([key, value]) => `"${key}":${JSON.stringify(value)}`), `"${parameter.name}":${text}`].join()}}`;
    const body = parameter.within?.(own) ?? own;
    const answer = await call(server, parameter.method, parameter.path(), owner, body);
    const value = parse(text);
    const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
    const isGood = isNumber && value >= parameter.least && value <= parameter.most;
    if (isGood || (value === null && parameter.acceptsNull)) {
      expect(answer.status, answer.text).toBeLessThan(300);
      expect(parameter.kept(answer.body)).toBe(value);
    } else {
      expectProblem(answer, 400, 'invalid_request');
    }
  });
});

test.each(texts.map((text) => text.replaceAll('"', '')))(
  'the journal begins before "%s" or refuses it [S79]',
  async (text) => {
    const answer = await call<{ items: { seq: number }[] }>(
      server,
      'GET',
      `/v1/journal?before=${encodeURIComponent(text)}`,
      owner,
    );
    const isGood = /^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text));
    if (isGood) expect(answer.body.items.every(({ seq }) => seq < Number(text))).toBe(true);
    else expectProblem(answer, 400, 'invalid_request');
  },
);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
