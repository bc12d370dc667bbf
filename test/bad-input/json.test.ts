// JSON bodies at a native endpoint: what is read, what is not, and that both databases answer alike.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fastestMs } from '../machine-time.ts';
import { startServer, type TestServer, testClock } from '../server.ts';
import { type Connection, openConnection, type Reply } from './http-client.ts';
import { taken, unfit, unreadable } from './json-texts.ts';
import { ownerToken } from './owner-token.ts';

const clock = testClock();
const databases = ['sqlite', 'postgres'] as const;
const machines: { server: TestServer; connection: Connection; bearer: string }[] = [];

beforeAll(async () => {
  for (const database of databases) {
    const server = await startServer({ database, clock });
    machines.push({ server, connection: openConnection(server.url), bearer: await ownerToken(server) });
  }
});

afterAll(async () => {
  for (const { server, connection } of machines) {
    connection.close();
    await server.stop();
  }
});

/** The one answer of both databases. */
async function post(body: Buffer): Promise<Reply> {
  const replies: Reply[] = [];
  for (const { connection, bearer } of machines) {
    const headers = [
      ['Authorization', `Bearer ${bearer}`],
      ['Content-Type', 'application/json'],
    ] as const;
    replies.push(await connection.send({ method: 'POST', target: '/v1/permissions', headers, body }));
  }
  const [first, second] = replies;
  expect(second?.status).toBe(first?.status);
  // Each says where its own pages are.
  const [one, other] = machines.map(({ server }, at) => replies[at]?.body.replaceAll(server.url, ''));
  expect(other).toBe(one);
  if (first === undefined) throw new Error('Nobody answered.');
  return first;
}

describe('a JSON body', () => {
  test('is taken if it is JSON, however it is written [S76]', async () => {
    for (const [at, text] of taken.entries()) {
      const reply = await post(Buffer.from(text.replaceAll('@', String(at))));
      expect.soft(`${reply.status} ${text}`).toBe(`201 ${text}`);
    }
  });

  test('is refused as unreadable if it is no JSON, or none that every program reads alike [S76] [S77]', async () => {
    expect(unreadable.length).toBeGreaterThan(80);
    for (const body of unreadable) {
      const reply = await post(body);
      expect.soft(reply.status, body.toString('latin1').slice(0, 80)).toBe(400);
      expect.soft(reply.headers.get('content-type')).toBe('application/problem+json');
      const problem = JSON.parse(reply.body) as { type: string; errors?: { at: string }[] };
      expect.soft(problem.type).toMatch(/\/problems\/invalid_request$/);
      expect.soft(problem.errors?.[0]?.at, body.toString('latin1').slice(0, 80)).toBe('/body');
    }
  });

  test('is refused for what it says where it can be read and does not fit [S79]', async () => {
    for (const text of unfit) {
      const reply = await post(Buffer.from(text.replaceAll('@', 'unfit')));
      expect.soft(`${reply.status} ${text}`).toBe(`400 ${text}`);
      expect
        .soft(JSON.parse(reply.body), text)
        .toMatchObject({ type: expect.stringMatching(/\/problems\/invalid_request$/), status: 400 });
    }
  });

  test('of 60,000 opening brackets is refused in no time [S76]', async () => {
    const took = await fastestMs(async () => {
      expect((await post(Buffer.from('['.repeat(60_000)))).status).toBe(400);
    });
    expect(took).toBeLessThan(500);
  });
});
