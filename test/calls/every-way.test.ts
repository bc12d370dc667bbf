// Each reason for a refusal, on each way that a check comes: the refusal has an id, which explains the rule and the value to the credential's
// own organization and to the operator, and is nothing to anybody else; and the caller is told the same as before.

import { type Reason, reasons } from '@keyward/rules/reason';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import type { Explanation } from '../../sdk/src/wire.ts';
import { keyHolder, proofBy } from '../dpop.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { exchange } from '../wire/oauth2/clients.ts';

/** What is presented, and where in the table of routes. */
interface Presented {
  secret: string | null;
  place: keyof typeof needs;
  /** How its key is shown, if it is bound to one. */
  proof?: 'none' | 'wrong' | 'without a nonce';
}

interface Way {
  /** The refusal's id, and what the caller is told beside it. */
  present(presented: Presented): Promise<{ id: string; told: unknown }>;
  /** False where another program tells the caller. */
  isOwnAnswer?: boolean;
  excused?: Partial<Record<Reason, string>>;
}

const needs = {
  plain: { permissions: [] },
  invoices: { permissions: ['write:invoices'] },
  elsewhere: { permissions: [], api: 'elsewhere' },
  'of/initech': { permissions: [], organization: 'initech' },
  tiny: { permissions: [], plan: 'tiny' },
} as const;

const holder = keyHolder();
let server: TestServer;
let globex: Awaited<ReturnType<TestServer['addOrganization']>>;
let [operator, own, other] = ['', '', ''];
let verifier: Verifier;

beforeAll(async () => {
  server = await startServer({
    permissions: ['read:orders', 'write:invoices'],
    routes: (upstream) =>
      (['guarded', 'versio'] as const).flatMap((name) => {
        const all = { methods: ['GET'], dialect: name === 'versio' ? name : null, permissions: [], upstream } as const;
        return [
          { ...all, path: `/${name}/plain` },
          { ...all, path: `/${name}/invoices`, permissions: ['write:invoices'] },
          { ...all, path: `/${name}/elsewhere`, api: 'elsewhere' },
          { ...all, path: `/${name}/of/:organization`, organizationParam: 'organization' },
          { ...all, path: `/${name}/tiny`, plan: 'tiny' },
        ];
      }),
  });
  await server.restart({ trustedProxies: ['127.0.0.1'] });
  const identifier = 'https://elsewhere.example';
  await server.core.createApi(server.asOwner, { handle: 'elsewhere', name: 'Elsewhere', identifier });
  await server.core.putPlan(server.asOwner, {
    id: 'tiny',
    name: 'Tiny',
    limits: [{ limit: 1, windowMs: 3_600_000, per: 'api_token', cap: null }],
    whenUnavailable: 'local',
    entitlement: ['*:*'],
  });
  globex = await server.addOrganization('globex');
  const initech = await server.addOrganization('initech');
  operator = await bearerOf(server, server.owner);
  own = await bearerOf(server, globex.owner);
  other = await bearerOf(server, initech.owner);
  const { secret } = await server.core.createApiToken(server.asOwner, {
    permissions: ['verify:credential', 'follow:feed'],
  });
  verifier = createVerifier({
    url: server.url,
    credential: { apiToken: secret },
    exchange: 'none',
    clock: server.clock.now,
  });
  await verifier.ready();
});
afterAll(async () => {
  await verifier?.close();
  await server?.stop();
});

async function tokenOf(more: object = {}) {
  const wanted = { permissions: ['read:orders'], ...more };
  const { secret, token } = await server.core.createApiToken(globex.owner.caller, wanted);
  return { secret, id: token.id };
}

async function boundToken(): Promise<string> {
  const { secret } = await tokenOf({ use: 'both' });
  const nonce = server.core.dpopNonce();
  const dpop = proofBy(holder, { method: 'POST', url: `${server.url}/oauth/token`, nonce, now: server.clock.now() });
  const { body } = await exchange(server, secret, {}, null, { dpop });
  return body.access_token;
}

/** What is refused for each reason, and what its explanation says. */
const refused: Record<Reason, { make(): Promise<Presented>; says: RegExp; isOfNobody?: true }> = {
  missing: { make: async () => ({ secret: null, place: 'plain' }), says: /without a credential/, isOfNobody: true },
  unknown: {
    make: async () => ({ secret: 'nonsense', place: 'plain' }),
    says: /nothing that this server/,
    isOfNobody: true,
  },
  inactive: {
    async make() {
      const { secret, id } = await tokenOf();
      await server.core.deactivateApiToken(globex.owner.caller, { id });
      return { secret, place: 'plain' };
    },
    says: /was deactivated/,
  },
  revoked: {
    async make() {
      const { secret, id } = await tokenOf();
      const proof = { kind: 'api_token', secret } as const;
      const made = await server.core.exchange({ proof, shape: () => ({ form: 'sealed', lifetimeMs: 600_000 }) });
      await server.core.deactivateApiToken(globex.owner.caller, { id });
      await server.core.activateApiToken(globex.owner.caller, { id });
      return { secret: made.allowed ? made.token : '', place: 'plain' };
    },
    says: /was revoked/,
  },
  expired: {
    async make() {
      const { secret } = await tokenOf({ expiresAt: server.clock.now() + 60_000 });
      server.clock.advance(60_001);
      return { secret, place: 'plain' };
    },
    says: /ended at \d{4}-/,
  },
  exchange_only: {
    make: async () => ({ secret: (await tokenOf({ use: 'exchange' })).secret, place: 'plain' }),
    says: /only be exchanged/,
  },
  wrong_api: {
    make: async () => ({ secret: (await tokenOf({ apis: ['default'] })).secret, place: 'elsewhere' }),
    says: /elsewhere.*default/,
  },
  missing_permission: {
    make: async () => ({ secret: (await tokenOf()).secret, place: 'invoices' }),
    says: /needs write:invoices.*may do read:orders/,
  },
  wrong_organization: {
    make: async () => ({ secret: (await tokenOf()).secret, place: 'of/initech' }),
    says: /another organization/,
  },
  address_not_allowed: {
    make: async () => ({ secret: (await tokenOf({ addresses: ['10.0.0.0/8'] })).secret, place: 'plain' }),
    says: /127\.0\.0\.1 is not in 10\.0\.0\.0\/8/,
  },
  wrong_key: {
    make: async () => ({ secret: await boundToken(), place: 'plain', proof: 'none' }),
    says: /bound to a key/,
  },
  invalid_proof: {
    make: async () => ({ secret: await boundToken(), place: 'plain', proof: 'wrong' }),
    says: /proof of its key was not accepted/,
  },
  nonce_required: {
    make: async () => ({ secret: await boundToken(), place: 'plain', proof: 'without a nonce' }),
    says: /with the nonce/,
  },
  rate_limited: {
    async make() {
      const { secret } = await tokenOf();
      await server.core.verify(secret, { plan: 'tiny' });
      return { secret, place: 'tiny' };
    },
    says: /tiny of 1 calls in 1 h/,
  },
};

/** `signed`: what a proof would be for. */
async function fetched(
  path: string,
  { secret, proof = 'none' }: Presented,
  signed: string,
  more: Record<string, string> = {},
) {
  const proofs = {
    none: {},
    wrong: { dpop: 'no proof' },
    'without a nonce': {
      dpop: proofBy(holder, { method: 'GET', url: signed, accessToken: secret ?? '', now: server.clock.now() }),
    },
  };
  const scheme = proof === 'none' ? 'Bearer' : 'DPoP';
  const authorization = secret === null ? {} : { authorization: `${scheme} ${secret}` };
  const answer = await fetch(server.url + path, { headers: { ...authorization, ...proofs[proof], ...more } });
  const { date: _, 'x-request-id': __, 'keyward-refusal': id = '', ...headers } = Object.fromEntries(answer.headers);
  return { id, told: { status: answer.status, headers, body: await answer.text() } };
}

const noPlan = 'a check names no plan of its own';
const noOrganization = 'a check names no organization';
const keyIsTheirs = 'whoever guards with the SDK checks proofs by its middleware: test/sdk';

const ways: Record<string, Way> = {
  'GET /v1/check': {
    present(presented) {
      const { permissions, api } = { api: undefined, ...needs[presented.place] };
      const query = new URLSearchParams({ permissions: permissions.join(','), ...(api && { api }) });
      return fetched(`/v1/check?${query}`, presented, `${server.url}/v1/check`);
    },
    excused: { wrong_organization: noOrganization, rate_limited: noPlan },
  },
  'the gateway': {
    present: (presented) =>
      fetched(`/guarded/${presented.place}`, presented, `${server.url}/guarded/${presented.place}`),
  },
  'a route in a dialect of its own': {
    present: (presented) => fetched(`/versio/${presented.place}`, presented, `${server.url}/versio/${presented.place}`),
  },
  'forward-auth, as nginx asks': {
    present(presented) {
      const uri = `/guarded/${presented.place}`;
      const proto = { 'x-forwarded-proto': 'http', 'x-forwarded-host': new URL(server.url).host };
      const forwarded = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': uri, ...proto };
      return fetched('/forward-auth', presented, server.url + uri, forwarded);
    },
  },
  'the SDK’s verifier': {
    async present({ secret, place }) {
      const verdict = await verifier.verify(secret, { ...needs[place], address: '127.0.0.1' });
      return { id: verdict.allowed ? '' : (verdict.refusal ?? ''), told: null };
    },
    isOwnAnswer: false,
    excused: { invalid_proof: keyIsTheirs, nonce_required: keyIsTheirs, wrong_key: keyIsTheirs },
  },
};

const explain = (id: string, bearer: string) => call(server, 'GET', `/v1/refusals/${id}`, bearer);

describe.each(Object.keys(ways))('on the way of %s', (name) => {
  const { present, excused = {}, isOwnAnswer = true } = ways[name] as Way;
  const tried = reasons.filter((reason) => excused[reason] === undefined);

  test.each(tried)('%s has an id, which explains it to its own organization and the operator alone', async (reason) => {
    const { make, says } = refused[reason];
    const isOfNobody = refused[reason].isOfNobody === true;
    const { id } = await present(await make());
    expect(id).toMatch(/^(?:[0-9a-f]{8}|v[0-9a-f]{12})-\d+$/);
    // A verifier tells of its calls some seconds later.
    await expect.poll(async () => (await explain(id, operator)).status, { timeout: 30_000 }).toBe(200);
    const told = (await explain(id, operator)).body as unknown as Explanation;
    expect(told).toMatchObject({ allowed: false, reason, text: expect.stringMatching(says) });
    if (!isOfNobody) expect((await explain(id, own)).body).toEqual(told);
    for (const bearer of isOfNobody ? [own, other] : [other]) expect((await explain(id, bearer)).status).toBe(404);
  });

  // What its program answers is its own: test/sdk.
  test.runIf(isOwnAnswer)('unknown, inactive and revoked are one answer [S21]', async () => {
    const answers = [];
    for (const reason of ['unknown', 'inactive', 'revoked'] as const) {
      answers.push((await present(await refused[reason].make())).told);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

test('introspection says of all that does not count the same, and has no id to give', async () => {
  for (const reason of ['unknown', 'inactive', 'revoked', 'expired', 'address_not_allowed'] as const) {
    const { secret } = await refused[reason].make();
    const answer = await fetch(`${server.url}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}` },
      body: new URLSearchParams({ token: secret ?? '' }),
    });
    expect([answer.status, await answer.json()]).toEqual([200, { active: false }]);
    expect(answer.headers.get('keyward-refusal')).toBeNull();
  }
});
