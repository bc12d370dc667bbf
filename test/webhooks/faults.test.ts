// Receivers that do whatever receivers do, at random: every event arrives in the order of the journal, at least once, under one
// webhook-id; on SQLite with a restart in the middle, on PostgreSQL with a second node beside.

import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chance, chanceOf } from '../manifest/generated.ts';
import { startServer, type TestServer } from '../server.ts';
import { type Answer, closes, hangs, type Receiver, startReceiver, status } from './receiver.ts';

const patience = { timeout: 180_000, interval: 50 };
const receiversAtOnce = 5;
const events = 9;

/** Byte by byte, and whole in the end. */
function drip(socket: { write(text: string): unknown }, text: string, done: () => void): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(text.charAt(sent));
    sent += 1;
    if (sent < text.length) return;
    clearInterval(timer);
    done();
  }, 10);
}

/** In which what was received counts. */
const accepting = (receiver: Receiver): readonly Answer[] => [
  (response, received) => {
    receiver.accepted.push(received);
    response.writeHead(204).end();
  },
  (response, received) => {
    receiver.accepted.push(received);
    response.writeHead(200).flushHeaders();
    drip(response, 'slowly but surely', () => response.end());
  },
  (response, received) => {
    receiver.accepted.push(received);
    const { socket } = response as ServerResponse;
    if (socket !== null) drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', () => socket.end());
  },
  // The rest of the answer is nobody's concern.
  (response, received) => {
    receiver.accepted.push(received);
    response.writeHead(200, { 'content-length': '500' }).write('beg');
    setTimeout(() => response.destroy(), 20);
  },
];
const failing: readonly Answer[] = [
  status(500, {}, 'x'.repeat(100_000)),
  status(404),
  status(302, { location: 'http://169.254.169.254/' }),
  status(307, { location: 'https://10.0.0.1/' }),
  status(503, { 'retry-after': '7' }),
  status(429, { 'retry-after': 'soon' }),
  closes,
  (response) => void response.socket?.end('not HTTP at all\r\n\r\n'),
];

/** Answers at random, and fails a message three times at most, so that a day is long enough. */
function behave(receiver: Receiver, chance: Chance, isSlow: boolean): void {
  const failures = new Map<string, number>();
  let hasHung = !isSlow;
  receiver.always((response, received) => {
    const before = failures.get(received.id) ?? 0;
    const fails = before < 3 && chance.yes();
    if (fails) failures.set(received.id, before + 1);
    if (fails && !hasHung) {
      hasHung = true;
      hangs(response, received);
    } else chance.one(fails ? failing : accepting(receiver))(response, received);
  });
}

describe.concurrent.each(['sqlite', 'postgres'] as const)('receivers that fail at random, on %s', (database) => {
  let server: TestServer;
  const receivers: Receiver[] = [];
  beforeAll(async () => {
    server = await startServer({ database });
    if (database === 'postgres') await server.addNode();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    for (const receiver of receivers) await receiver.stop();
  });

  it('are sent every event, in order, at least once, under one id; none is followed to a private address [S126]', async () => {
    const seed = Number(process.env.KEYWARD_SEED ?? Date.now() % 1_000_000);
    const chance = chanceOf(seed);
    for (let at = 0; at < receiversAtOnce; at += 1) {
      const receiver = await startReceiver();
      receivers.push(receiver);
      // Fifteen seconds: on one of them that is enough.
      behave(receiver, chance, at === 0 && database === 'sqlite');
      await server.core.createWebhook(server.asOwner, { url: receiver.url, events: ['token.created'] });
    }
    const made: string[] = [];
    for (let n = 0; n < events; n += 1) {
      made.push((await server.core.createApiToken(server.asOwner, { permissions: [] })).token.id);
      server.clock.advance(3_000);
      if (n === 4) await receivers.at(-1)?.goAway();
      if (n === 6 && database === 'sqlite') await server.restart();
      if (n === 7) await receivers.at(-1)?.comeBack();
    }
    const heard = ({ accepted }: Receiver) => [
      ...new Map(accepted.map(({ event }) => [event.data.entry, (event.data.subject as { id: string }).id])).values(),
    ];
    const lacking = () => {
      server.clock.advance(6_000);
      return receivers.map((receiver) => made.length - heard(receiver).length);
    };
    await expect.poll(lacking, patience).toEqual(receivers.map(() => 0));
    for (const receiver of receivers) {
      expect(heard(receiver), `seed ${seed}`).toEqual(made);
      const ids = new Map<unknown, Set<string>>();
      for (const { id, event } of receiver.received) {
        ids.set(event.data.entry, (ids.get(event.data.entry) ?? new Set()).add(id));
      }
      for (const [entry, its] of ids) expect(its.size, `seed ${seed}, entry ${entry}`).toBe(1);
      // Whatever came later than the next one was accepted before.
      const tries = receiver.received.map(({ event }) => event.data.entry ?? 0);
      expect(tries, `seed ${seed}`).toEqual(tries.toSorted((one, other) => one - other));
    }
  }, 240_000);
});
