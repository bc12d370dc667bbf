// Receipts over HTTP: what deactivating and deleting answer while verifiers follow the feed, and while one does not answer.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Receipt } from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { type Person, startServer, type TestServer } from '../server.ts';
import { bearerOf, call, expectFaults, nobody } from '../wire/native/calls.ts';
import { acknowledge, type Feed, follow } from './feed-client.ts';

let server: TestServer;
let organization: { id: string; name: string; owner: Pick<Person, 'caller'> };
let admin: string;
let verifierToken: string;
beforeAll(async () => {
  server = await startServer({ permissions: ['read:x'] });
});
// One for each test, since a verifier that has gone is still waited for for a while.
beforeEach(async () => {
  organization = await server.addOrganization(`o-${Math.random().toString(36).slice(2)}`);
  admin = await bearerOf(server, organization.owner);
  verifierToken = await bearerOf(server, organization.owner, ['follow:feed']);
});
afterAll(() => server?.stop());

/** A verifier that acknowledges each change `afterMs` after it hears of it; never if that is null. */
async function verifier(name: string, afterMs: number | null, withName = true): Promise<Feed> {
  const feed = await follow(server.url, verifierToken, withName ? { verifier: name } : {});
  let acknowledged = feed.hello.cursor;
  const timer = setInterval(async () => {
    const newest = feed.changes.at(-1);
    if (afterMs === null || newest === undefined || newest.data.seq <= acknowledged) return;
    if (performance.now() - newest.at < afterMs) return;
    acknowledged = newest.data.seq;
    expect(await acknowledge(server.url, verifierToken, name, acknowledged)).toBe(204);
  }, 5);
  feed.over.then(() => clearInterval(timer));
  return feed;
}

const newToken = async () =>
  (await server.core.createApiToken(organization.owner.caller, { permissions: ['read:x'] })).token.id;
const newApiUser = async () =>
  (await server.core.createApiUser(systemIn(organization), { name: 'machine', role: 'member' })).apiUser.id;
const newUser = async () => {
  const email = `${Math.random().toString(36).slice(2)}@acme.example`;
  return (await server.core.createUser(systemIn(organization), { email, name: 'P', role: 'member' })).user.id;
};

const acts = [
  ['POST', (id: string) => `/v1/tokens/${id}/deactivate`, newToken, 'api_token.deactivated'],
  ['DELETE', (id: string) => `/v1/tokens/${id}`, newToken, 'api_token.deleted'],
  ['POST', (id: string) => `/v1/users/${id}/deactivate`, newUser, 'user.deactivated'],
  ['DELETE', (id: string) => `/v1/users/${id}`, newUser, 'user.deleted'],
  ['POST', (id: string) => `/v1/api-users/${id}/deactivate`, newApiUser, 'api_user.deactivated'],
  ['DELETE', (id: string) => `/v1/api-users/${id}`, newApiUser, 'api_user.deleted'],
] as const;

describe('a receipt', () => {
  test.each(acts)('of %s %s says that this node has it, where nobody follows', async (method, path, make, action) => {
    const id = await make();
    const answer = await call<Receipt>(server, method, `${path(id)}?receipt=50`, admin);
    expect(answer.status, answer.text).toBe(200);
    const [entry] = await server.store.journal.latest(organization.id, 1);
    expect(entry).toMatchObject({ action, subject: { id } });
    expect(answer.body).toEqual({ seq: entry?.seq, effective: 1, of: 1, slowestMs: null, waitingFor: [] });
  });

  test.each(acts)('is not answered by %s %s unless it is asked for', async (method, path, make) => {
    const answer = await call(server, method, path(await make()), admin);
    expect([answer.status, answer.text]).toEqual([204, '']);
  });

  test('waits for the slowest of all verifiers, and says how slow it was', async () => {
    const feeds = await Promise.all([verifier('a', 0), verifier('b', 150), verifier('c', 0, false)]);
    const id = await newToken();
    const began = performance.now();
    const answer = await call<Receipt>(server, 'POST', `/v1/tokens/${id}/deactivate?receipt=10000`, admin);
    const took = performance.now() - began;
    expect(answer.body).toMatchObject({ effective: 4, of: 4, waitingFor: [] });
    expect(answer.body.slowestMs).toBeGreaterThan(100);
    expect(answer.body.slowestMs).toBeLessThanOrEqual(took);
    for (const feed of feeds) expect(feed.changes.some(({ data }) => data.seq === answer.body.seq)).toBe(true);
    await Promise.all(feeds.map((feed) => feed.kill()));
  });

  test('names whoever has not answered when the time is over, and does not count it', async () => {
    const feeds = await Promise.all([verifier('quick', 0), verifier('deaf', null)]);
    const id = await newToken();
    const began = performance.now();
    const answer = await call<Receipt>(server, 'DELETE', `/v1/tokens/${id}?receipt=2000`, admin);
    expect(performance.now() - began).toBeGreaterThanOrEqual(1990);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ effective: 2, of: 3, waitingFor: ['deaf'] });
    expect(await server.store.apiTokens.find(organization.id, id)).toMatchObject({
      lifecycle: { deletedAt: expect.any(Number) },
    });
    await Promise.all(feeds.map((feed) => feed.kill()));
  });

  test('can be asked for again, and then says who has it by now', async () => {
    const deaf = await verifier('hard-of-hearing', null);
    const path = `/v1/tokens/${await newToken()}/deactivate`;
    const first = await call<Receipt>(server, 'POST', `${path}?receipt=50`, admin);
    expect(first.body.waitingFor).toContain('hard-of-hearing');
    await acknowledge(server.url, verifierToken, 'hard-of-hearing', first.body.seq);
    const second = await call<Receipt>(server, 'POST', `${path}?receipt=10000`, admin);
    expect(second.body).toMatchObject({ seq: first.body.seq, waitingFor: [] });
    await deaf.kill();
  });

  test("does not wait for another organization's verifiers, nor name them", async () => {
    const other = await server.addOrganization('initech');
    const theirs = await follow(server.url, await bearerOf(server, other.owner, ['follow:feed']), {
      verifier: 'theirs',
    });
    const answer = await call<Receipt>(server, 'DELETE', `/v1/tokens/${await newToken()}?receipt=100`, admin);
    expect(answer.body.waitingFor).not.toContain('theirs');
    await theirs.kill();
  });

  test.each(['49', '10001', '1e3', '-50', '', '050x', '99999999999'])(
    'is refused for a wait of %j before anything is done',
    async (wait) => {
      const id = await newToken();
      expectFaults(await call(server, 'DELETE', `/v1/tokens/${id}?receipt=${wait}`, admin), '/query/receipt');
      expect((await call<{ active: boolean }>(server, 'GET', `/v1/tokens/${id}`, admin)).body.active).toBe(true);
    },
  );

  test('of what there is not is 404 like the act itself', async () => {
    expect((await call(server, 'DELETE', `/v1/tokens/${nobody}?receipt=50`, admin)).status).toBe(404);
  });
});

describe('an acknowledgement', () => {
  test.each([
    [{ verifier: '', cursor: 1 }, '/body/verifier'],
    [{ verifier: 'x'.repeat(65), cursor: 1 }, '/body/verifier'],
    [{ verifier: 'x', cursor: -1 }, '/body/cursor'],
    [{ verifier: 'x', cursor: 1.5 }, '/body/cursor'],
    [{ verifier: 'x' }, '/body/cursor'],
    [{ verifier: 'x', cursor: 1, organizationId: nobody }, '/body/organizationId'],
  ])('is refused as %j', async (body, at) => {
    expectFaults(await call(server, 'POST', '/v1/feed/acknowledgements', verifierToken, body), at);
  });

  test('from a verifier that follows nothing is taken and changes nothing', async () => {
    expect(await acknowledge(server.url, verifierToken, 'nobody', 1)).toBe(204);
  });
});
