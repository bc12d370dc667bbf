// A warm check is answered at once, asks no database and decides as a cold one does. A whole server stands behind it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { generateApiToken, newId } from '../secret.ts';
import type { Call, Inspection, Verdict } from './verify.ts';

describe.each(['sqlite', 'postgres'] as const)('a check on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database, permissions: ['write:funds'] });
  });
  afterAll(() => server?.stop());

  const tokenOf = async (more: object = {}) => {
    const { secret, token } = await server.core.createApiToken(server.asOwner, { permissions: ['read:*'], ...more });
    return { secret, id: token.id };
  };
  /** Without what no two refusals share. */
  const unnamed = (...verdicts: (Inspection | Verdict)[]) =>
    verdicts.map(({ ...verdict }) => {
      if (!verdict.allowed) delete verdict.refusalId;
      return verdict;
    });
  /** Throws if it has to be waited for. */
  const atOnce = <T>(answer: T | Promise<T>): T => {
    if (answer instanceof Promise) throw new Error('This had to be waited for.');
    return answer;
  };

  it('is answered at once when it is warm, for every form of credential, and as when it was cold', async () => {
    const { secret } = await tokenOf();
    const exchanged = async (form: 'sealed' | 'oauth') => {
      const shape = () => ({ form, lifetimeMs: 60_000 });
      const answer = await server.core.exchange({ proof: { kind: 'api_token', secret }, shape });
      if (!answer.allowed) throw new Error(answer.reason);
      return answer.token;
    };
    const calls: Call[] = [
      { permissions: ['read:funds'] },
      { permissions: ['write:funds'] },
      { organization: 'other' },
    ];
    for (const credential of [secret, await exchanged('sealed'), await exchanged('oauth')]) {
      for (const call of calls) {
        const cold = unnamed(
          await server.core.inspect(credential, call),
          await server.core.verify(credential, { ...call, cost: 0 }),
        );
        const warm = unnamed(
          atOnce(server.core.inspect(credential, call)),
          atOnce(server.core.verify(credential, { ...call, cost: 0 })),
        );
        expect(warm).toEqual(cold);
      }
    }
    expect(unnamed(atOnce(server.core.verify(null)))).toEqual([{ allowed: false, reason: 'missing' }]);
    expect(unnamed(atOnce(server.core.verify('kw_nonsense')))).toEqual([{ allowed: false, reason: 'unknown' }]);
  });

  it('lets in only the forms of credential that the call accepts, cold and warm', async () => {
    const { secret } = await tokenOf();
    const shape = () => ({ form: 'debricked', lifetimeMs: 60_000 }) as const;
    const exchanged = await server.core.exchange({ proof: { kind: 'api_token', secret }, shape });
    if (!exchanged.allowed) throw new Error(exchanged.reason);
    for (let round = 0; round < 2; round += 1) {
      for (const [credential, form] of [
        [secret, 'api_token'],
        [exchanged.token, 'jwt:debricked'],
      ] as const) {
        for (const accepts of [['api_token'], ['jwt:debricked'], ['sealed', 'jwt:oauth'], []] as const) {
          const expected = (accepts as readonly string[]).includes(form)
            ? { allowed: true }
            : { allowed: false, reason: 'unknown' };
          expect(await server.core.verify(credential, { accepts, cost: 0 })).toMatchObject(expected);
          expect(await server.core.inspect(credential, { accepts })).toMatchObject(expected);
        }
      }
    }
  });

  it('refuses a call whose plan does not exist: what is missing never means no limit', async () => {
    const { secret } = await tokenOf();
    const missing = { code: 'unavailable' };
    for (const cost of [0, 1]) {
      const call = { plan: 'gone', cost };
      await expect((async () => server.core.verify(secret, call))()).rejects.toMatchObject(missing);
      await expect((async () => server.core.admit({ ...call, address: '192.0.2.1' }))()).rejects.toMatchObject(missing);
    }
  });

  it('gives every call the same principal, which nobody can change [S102]', async () => {
    const { secret } = await tokenOf();
    await server.core.inspect(secret);
    const [one, other] = [atOnce(server.core.inspect(secret)), atOnce(server.core.inspect(secret))];
    if (!one.allowed || !other.allowed) throw new Error('It was refused.');
    expect(one.principal).toBe(other.principal);
    expect(() => Object.assign(one.principal, { id: 'x' })).toThrow(TypeError);
    expect(() => (one.principal.permissions as string[]).push('delete:all')).toThrow(TypeError);
    expect(() => Object.assign(one.principal.organization, { isOperator: true })).toThrow(TypeError);
    expect(() => Object.assign(one.principal.owner, { role: 'owner' })).toThrow(TypeError);
  });

  it('has a new principal as soon as its permissions were narrowed or its owner lost them', async () => {
    const { secret, id } = await tokenOf({ permissions: ['read:*', 'write:*'] });
    const permissions = async () => {
      const verdict = await server.core.inspect(secret);
      return verdict.allowed ? verdict.principal.permissions : verdict.reason;
    };
    expect(await permissions()).toEqual(['read:*', 'write:*']);
    await server.core.updateApiToken(server.asOwner, { id }, { permissions: ['read:funds'] });
    expect(await permissions()).toEqual(['read:funds']);
    await server.core.deactivateApiToken(server.asOwner, { id });
    expect(await permissions()).toBe('inactive');
  });

  it('knows a token at the first call after its creation, also after a flood of unknown ones [S101]', async () => {
    for (let round = 0; round < 20; round += 1) {
      const strangers = Array.from({ length: 20 }, () => server.core.verify(generateApiToken(newId())));
      for (const verdict of await Promise.all(strangers)) expect(verdict).toMatchObject({ reason: 'unknown' });
      const { secret } = await tokenOf();
      expect(await server.core.verify(secret)).toMatchObject({ allowed: true });
    }
  });

  it('refuses an address that a token is not allowed from each time, and lets the others in', async () => {
    const { secret } = await tokenOf({ addresses: ['192.0.2.0/24'] });
    for (let round = 0; round < 3; round += 1) {
      expect(await server.core.verify(secret, { address: '192.0.2.7' })).toMatchObject({ allowed: true });
      expect(await server.core.verify(secret, { address: '198.51.100.7' })).toMatchObject({
        reason: 'address_not_allowed',
      });
      expect(await server.core.verify(secret)).toMatchObject({ reason: 'address_not_allowed' });
    }
  });
});
