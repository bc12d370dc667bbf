// What a check answers is its caller's own: nothing that one does with it is seen by another, and what is refused by its
// form alone costs no question to the database.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';
import { register } from '../assembled-server.ts';
import { startServer, type TestServer } from '../server.ts';
import { statementsRun } from './statement-counter.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('a verdict', () => {
  test('that one caller changes is not changed for the next [S102]', async () => {
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'] });
    const before = JSON.stringify(await server.core.inspect(secret));
    for (let time = 0; time < 3; time += 1) {
      const verdict = await server.core.inspect(secret);
      if (!verdict.allowed) throw new Error(verdict.reason);
      const { principal } = verdict;
      for (const change of [
        () => (principal.permissions as string[]).push('*:*'),
        () => Object.assign(principal.permissions, ['*:*']),
        () => Object.assign(principal.organization, { id: 'other', name: 'other', isOperator: true }),
        () => Object.assign(principal.owner, { role: 'owner', id: 'other' }),
        () => Object.assign(principal, { id: 'other', permissions: ['*:*'] }),
      ]) {
        try {
          change();
        } catch (error) {
          // Frozen, which is as good.
          expect(error).toBeInstanceOf(TypeError);
        }
      }
      expect(JSON.stringify(await server.core.inspect(secret))).toBe(before);
      expect(await server.core.inspect(secret, { permissions: ['read:other'] })).toMatchObject({ allowed: false });
    }
  });

  test('is never another credential’s, however many ask at once [S15]', async () => {
    await register(server, ...Array.from({ length: 50 }, (_, at) => `read:own-${at}`));
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        server.core.createApiToken(server.asOwner, { name: `own-${at}`, permissions: [`read:own-${at}`] }),
      ),
    );
    const calls = Array.from({ length: 2000 }, (_, at) => made[(at * 31) % made.length]).flatMap((one) =>
      one ? [one] : [],
    );
    const verdicts = await Promise.all(calls.map(({ secret }) => server.core.inspect(secret)));
    for (const [at, verdict] of verdicts.entries()) {
      const token = calls[at]?.token;
      expect(verdict).toMatchObject({ allowed: true, principal: { id: token?.id, permissions: token?.permissions } });
    }
  });
});

describe('a credential that cannot be one', () => {
  test('is refused without a question to the database; one that could be is asked for [S10]', async () => {
    const real = generateApiToken(newId());
    const spoilt = Array.from({ length: 61 }, (_, at) => {
      const other = real[at] === 'a' ? 'b' : 'a';
      return `${real.slice(0, at)}${other}${real.slice(at + 1)}`;
    });
    const before = statementsRun();
    for (const text of [
      ...spoilt,
      `${real}x`,
      real.slice(0, -1),
      ` ${real}`,
      real.toLowerCase(),
      'kw_',
      'x'.repeat(62),
    ]) {
      expect(await server.core.inspect(text)).toMatchObject({ allowed: false, reason: 'unknown' });
      const proof = { kind: 'api_token', secret: text } as const;
      const shape = () => ({ form: 'sealed', lifetimeMs: 1000 }) as const;
      expect(await server.core.exchange({ proof, shape })).toMatchObject({ allowed: false });
    }
    // A chore may have run meanwhile; one question for each would be over a hundred.
    expect(statementsRun() - before).toBeLessThan(20);
    const { secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:funds'] });
    const known = statementsRun();
    expect(await server.core.inspect(secret)).toMatchObject({ allowed: true });
    expect(statementsRun()).toBeGreaterThan(known);
  });
});
