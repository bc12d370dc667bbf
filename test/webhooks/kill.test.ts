// kill -9 of the server in the middle of sending, again and again on the same database; and two nodes on one. The real program, to
// a receiver over TLS that remembers everything.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, start } from '../end-to-end/program.ts';
import { freshPlace } from '../end-to-end/run.ts';
import { type PreparedDatabase, prepareDatabase } from '../faults/prepared-database.ts';
import { hangs, type Received, type Receiver, startReceiver } from './receiver.ts';

/** Half as many on PostgreSQL, where what a node left is taken up when its lease has ended. A hundred: `KEYWARD_WEBHOOK_KILLS=100 npm test -- test/webhooks/kill.test.ts`. */
const kills = Number(process.env.KEYWARD_WEBHOOK_KILLS ?? 2);
const patience = { timeout: 120_000, interval: 50 };

const place = freshPlace();
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver('https');
});
afterAll(async () => {
  await receiver.stop();
  place.remove();
});

const environmentOf = ({ environment }: PreparedDatabase) => ({
  ...environment,
  KEYWARD_OUTBOUND_ALLOW_PRIVATE: receiver.outbound.allowPrivate.join(','),
  KEYWARD_OUTBOUND_CA: receiver.outbound.ca ?? '',
});

async function post<B>({ url }: Program, bearer: string, path: string, body: object): Promise<B> {
  const headers = {
    authorization: `Bearer ${bearer}`,
    'content-type': 'application/json',
    'x-forwarded-proto': 'https',
  };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as B;
}

const newToken = async (program: Program, bearer: string) =>
  (await post<{ token: { id: string } }>(program, bearer, '/v1/tokens', { permissions: [] })).token.id;

/** Entries in the order in which each was first accepted. */
function firstAccepted(accepted: readonly Received[]): { entries: number[]; ids: string[] } {
  const seen = new Map(accepted.map(({ event }) => [event.data.entry ?? 0, (event.data.subject as { id: string }).id]));
  return { entries: [...seen.keys()], ids: [...seen.values()] };
}

function expectAllInOrder(acknowledged: readonly string[]): void {
  const { entries, ids } = firstAccepted(receiver.accepted);
  expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
  expect(entries).toEqual(entries.toSorted((a, b) => a - b));
  // A message is the same in every try.
  const idOf = new Map<number | undefined, string>();
  for (const { id, event } of receiver.received) {
    expect(idOf.get(event.data.entry) ?? id).toBe(id);
    idOf.set(event.data.entry, id);
  }
}

describe('a server that is killed while it sends', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'sends every event of what it had acknowledged, in order, when it is back: %s',
    async (database) => {
      receiver.accepted.length = 0;
      receiver.received.length = 0;
      const prepared = await prepareDatabase(join(place.folder, 'data'), database);
      const environment = environmentOf(prepared);
      const { bearer } = prepared;
      const acknowledged: string[] = [];
      const most = database === 'sqlite' ? kills : Math.ceil(kills / 2);
      for (let kill = 0; kill <= most; kill += 1) {
        const program = await start({ place, environment });
        if (kill === 0) {
          await post(program, bearer, '/v1/webhooks', { url: receiver.url, events: ['token.created'] });
        }
        const heard = receiver.accepted.length;
        const calling = (async () => {
          for (let n = 0; n < 40; n += 1) acknowledged.push(await newToken(program, bearer));
        })().catch((error) => expect(error).toBeInstanceOf(TypeError));
        await expect.poll(() => receiver.accepted.length, patience).toBeGreaterThan(heard);
        await pause(Math.random() * 200);
        if (kill < most) await program.stop('SIGKILL');
        await calling;
        if (kill < most) continue;
        const missing = () => acknowledged.filter((id) => !firstAccepted(receiver.accepted).ids.includes(id)).length;
        await expect.poll(missing, patience).toBe(0);
        await program.stop();
      }
      expectAllInOrder(acknowledged);
    },
  );
});

describe('two nodes on one PostgreSQL', () => {
  it('send each message once and in order; when one is killed, the other takes over what it was sending', async () => {
    receiver.accepted.length = 0;
    receiver.received.length = 0;
    const prepared = await prepareDatabase(join(place.folder, 'data'), 'postgres');
    const environment = environmentOf(prepared);
    const { bearer } = prepared;
    const one = await start({ place, environment });
    await post(one, bearer, '/v1/webhooks', { url: receiver.url, events: ['token.created'] });
    const other = await start({ place, environment });
    const made: string[] = [];
    for (let n = 0; n < 20; n += 1) made.push(await newToken(n % 2 === 0 ? one : other, bearer));
    await expect.poll(() => receiver.accepted.length, patience).toBe(20);
    expect(receiver.received).toHaveLength(20);
    expectAllInOrder(made);

    // While only one of them is there, so that the message under way is its.
    await other.stop();
    receiver.next(hangs);
    made.push(await newToken(one, bearer));
    await expect.poll(() => receiver.received.length, patience).toBe(21);
    const heir = await start({ place, environment });
    for (let n = 0; n < 5; n += 1) made.push(await newToken(heir, bearer));
    await one.stop('SIGKILL');
    await expect.poll(() => receiver.accepted.length, patience).toBe(26);
    expect(receiver.received).toHaveLength(27);
    expectAllInOrder(made);
    await heir.stop();
  });
});
