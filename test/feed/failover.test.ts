// A database that goes back, as when a standby that lagged takes over: what a node and its verifiers remember may never
// have been, and what came instead they have not heard. And keys that cannot be loaded when they are asked to be.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { digestOf, generateApiToken, newId } from '../../server/src/core/secret.ts';
import { within } from '../machine-time.ts';
import { call } from '../wire/native/calls.ts';
import { follow } from './feed-client.ts';
import { type JournalWriter, openJournalWriter } from './journal-writer.ts';
import { type Node, type Nodes, startNodes } from './nodes.ts';

let all: Nodes;
let node: Node;
let bearer: string;
let byHand: JournalWriter;
const verifiers: Verifier[] = [];
beforeAll(async () => {
  all = await startNodes(1);
  node = all.node(0);
  byHand = await openJournalWriter(all.database);
  const permissions = ['follow:feed', 'verify:credential'];
  bearer = (await node.server.core.createApiToken(all.owner, { permissions })).secret;
});
afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
});
afterAll(async () => {
  await byHand?.close();
  await all?.stop();
});

const makeToken = () => node.server.core.createApiToken(all.owner, { permissions: ['read:user'] });
const status = async (secret: string) => (await call(node, 'GET', '/v1/self', secret)).status;
const about = (id: string, action: string) => ({
  organizationId: all.organization.id,
  action: `api_token.${action}`,
  subject: { type: 'api_token', id },
});

test.each([
  ['is shorter', 0],
  ['is as long as before', 1],
  ['is longer than before', 3],
])(
  'a journal that went back and %s is noticed: nothing is answered or vouched for from before [S114]',
  async (_, more) => {
    const [doomed, other] = [await makeToken(), await makeToken()];
    const verifier = createVerifier({ url: node.url, credential: { apiToken: bearer } });
    verifiers.push(verifier);
    await verifier.ready();
    const feed = await follow(node.url, bearer);
    expect(await verifier.verify(doomed.secret)).toMatchObject({ allowed: true });
    expect(await status(doomed.secret)).toBe(200);
    const elsewhere = generateApiToken(newId());
    expect(await status(elsewhere)).toBe(401);
    const lost = [await makeToken(), await makeToken()];
    const head = await node.server.store.journal.head();
    await expect.poll(() => feed.changes.at(-1)?.data.seq).toBe(head);

    await byHand.change(async (client, journal) => {
      await journal.lose(2);
      await client.query('delete from api_tokens where id = any($1)', [lost.map(({ token }) => token.id)]);
      await client.query('update api_tokens set deactivated_at = $1 where id = $2', [Date.now(), doomed.token.id]);
      // As if this secret had been made there.
      await client.query('update api_tokens set digest = $1 where id = $2', [digestOf(elsewhere), other.token.id]);
      await journal.add(about(doomed.token.id, 'deactivated'));
      for (let n = 0; n < more; n += 1) await journal.add({});
    });
    const newHead = head - 1 + more;

    await within(1000, () => expect.poll(() => status(doomed.secret), { interval: 5 }).toBe(401));
    expect(await status(elsewhere)).toBe(200);
    expect(await status(other.secret)).toBe(401);
    for (const { secret } of lost) expect(await status(secret)).toBe(401);
    await within(1000, () => expect.poll(() => verifier.verifySync(doomed.secret)?.allowed === true).toBe(false));
    expect(await verifier.verify(doomed.secret)).toMatchObject({ allowed: false, reason: 'inactive' });
    expect(feed.hellos.slice(1).map(({ data }) => data)).toEqual([
      { epoch: feed.hello.epoch, cursor: newHead, reset: true, heartbeatMs: 1000 },
    ]);
    expect(all.log()).toContain(`"head":${newHead},"lost":${head}`);
    // Whoever was away then, and comes back with the number of an entry that was another.
    const back = await follow(node.url, bearer, { cursor: Math.min(head, newHead) });
    expect(back.hello).toMatchObject({ cursor: newHead, reset: true });

    // All goes on from there.
    await makeToken();
    const now = await node.server.store.journal.head();
    await expect.poll(() => [feed, back].map(({ changes }) => changes.at(-1)?.data.seq)).toEqual([now, now]);
    await expect.poll(() => feed.heartbeats.at(-1)?.data.cursor).toBe(now);
    await Promise.all([feed.kill(), back.kill()]);
  },
);

test('keys that could not be loaded when one was revoked are loaded as soon as they can be, and nobody is told before [S38]', async () => {
  const [old] = await node.server.store.signingKeys.list();
  const feed = await follow(node.url, bearer);
  await expect.poll(() => feed.heartbeats.length).toBeGreaterThan(0);
  const kids = async (query = '') => {
    const answer = await call<{ keys: { kid: string }[] }>(node, 'GET', `/.well-known/jwks.json${query}`);
    return answer.status === 200 ? answer.body.keys.map(({ kid }) => kid) : answer.status;
  };
  let seq = 0;
  await byHand.change(async (client, journal) => {
    await client.query('update signing_keys set revoked_at = $1 where kid = $2', [Date.now(), old?.kid]);
    await client.query('alter table signing_keys rename to elsewhere');
    seq = await journal.add({ action: 'signing_key.revoked', subject: { type: 'signing_key', id: old?.kid ?? '' } });
  });
  expect(await kids(`?cursor=${seq}`)).toBe(503);
  const heard = feed.heartbeats.length;
  await new Promise((resolve) => setTimeout(resolve, 1.5 * feed.hello.heartbeatMs));
  expect(feed.heartbeats.length).toBeLessThanOrEqual(heard);
  expect(feed.changes.map((change) => change.data.seq)).not.toContain(seq);
  await byHand.change((client) => client.query('alter table elsewhere rename to signing_keys'));
  await expect.poll(() => feed.changes.map((change) => change.data.seq)).toContain(seq);
  expect(await kids()).not.toContain(old?.kid);
  expect(await kids(`?cursor=${seq}`)).toEqual(await kids());
  await feed.kill();
});
