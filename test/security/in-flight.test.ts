// Exchanges and changes that are under way while their credential, its owner or the organization is cut off: whatever is
// issued, nothing is valid once the end was acknowledged, and nothing is changed any more.

import { request as requestOver } from 'node:http';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Proof } from '../../server/src/core/tokens/exchange.ts';
import type { TokenShape } from '../../server/src/core/tokens/issue.ts';
import { startServer, type TestServer } from '../server.ts';

const shapes: readonly TokenShape[] = [
  { form: 'oauth', lifetimeMs: 3_600_000 },
  { form: 'debricked', lifetimeMs: 3_600_000 },
  { form: 'parsers', lifetimeMs: 3_600_000 },
  { form: 'sealed', lifetimeMs: 3_600_000 },
];
const outliving: TokenShape = { form: 'sealed', lifetimeMs: 3_600_000, outlivesDeactivation: true };
const rounds = 15;

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  /** Ends something in the midst of exchanges, and perhaps revives it; answers how much of what they issued is good. */
  async function race(
    proof: Proof,
    end: () => Promise<unknown>,
    wanted: readonly TokenShape[],
    turns: number,
    revive?: () => Promise<unknown>,
  ) {
    const exchanges = [...wanted, ...wanted, ...wanted].map(async (shape, at) => {
      for (let turn = 0; turn < at % 4; turn += 1) await nextTurn();
      return server.core.exchange({ proof, shape: () => shape });
    });
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    await end();
    const issued = (await Promise.all(exchanges)).flatMap((answer) => (answer.allowed ? [answer.token] : []));
    const before = await Promise.all(issued.map((token) => server.core.inspect(token)));
    await revive?.();
    const after = await Promise.all(issued.map((token) => server.core.inspect(token)));
    return { issued: issued.length, valid: [...before, ...after].filter(({ allowed }) => allowed).length };
  }

  async function machine() {
    const { apiUser, password } = await server.core.createApiUser(server.asOwner, { name: 'Machine', role: 'viewer' });
    const proof = { kind: 'password', username: apiUser.username, password } as const;
    return { id: apiUser.id, proof };
  }

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['deactivated', (id) => server.core.deactivateApiUser(server.asOwner, id)],
    ['cut off', (id) => server.core.deactivateApiUser(server.asOwner, id, { cutOff: true })],
    ['deleted', (id) => server.core.deleteApiUser(server.asOwner, id)],
    ['rotated without an overlap', (id) => server.core.rotateApiUser(server.asOwner, id, 0)],
  ])(
    'no token of an API user that is %s meanwhile is valid afterwards, nor when it is back [S60]',
    async (kind, end) => {
      let issued = 0;
      for (let round = 0; round < rounds; round += 1) {
        const { id, proof } = await machine();
        const revive = kind === 'deleted' ? server.core.restoreApiUser : server.core.activateApiUser;
        const outcome = await race(
          proof,
          () => end(id),
          shapes,
          round % 8,
          () => revive(server.asOwner, id),
        );
        expect(outcome.valid).toBe(0);
        issued += outcome.issued;
      }
      // Some were in time, or there was no race.
      expect(issued).toBeGreaterThan(0);
    },
  );

  test('not even one that outlives deactivations is valid after a cut-off, a deletion or a rotation [S60]', async () => {
    const ends = [
      (id: string) => server.core.deleteApiUser(server.asOwner, id),
      (id: string) => server.core.deactivateApiUser(server.asOwner, id, { cutOff: true }),
      (id: string) => server.core.rotateApiUser(server.asOwner, id, 0),
    ];
    for (let round = 0; round < rounds; round += 1) {
      const { id, proof } = await machine();
      const end = async () => ends[round % ends.length]?.(id);
      expect((await race(proof, end, [outliving], round % 8)).valid).toBe(0);
    }
  });

  test('no token of a user whose password is made anew meanwhile is valid afterwards [S60]', async () => {
    for (let round = 0; round < 4; round += 1) {
      const email = `turning-${database}-${round}@acme.example`;
      const { user, password } = await server.core.createUser(server.asOwner, { email, name: 'T', role: 'viewer' });
      const proof = { kind: 'password', username: email, password } as const;
      const end = () => server.core.resetPassword(server.asOwner, user.id);
      expect((await race(proof, end, shapes.slice(0, 1), round)).valid).toBe(0);
    }
  });

  test('one that outlives deactivations is valid after one, as its system promises', async () => {
    const { id, proof } = await machine();
    const answer = await server.core.exchange({ proof, shape: () => outliving });
    await server.core.deactivateApiUser(server.asOwner, id);
    expect(await server.core.inspect(answer.allowed ? answer.token : null)).toMatchObject({ allowed: true });
  });

  test('no token of an API token that is deactivated or deleted meanwhile is valid afterwards [S60]', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { token, secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:user'] });
      const end = round % 2 === 0 ? server.core.deactivateApiToken : server.core.deleteApiToken;
      const proof = { kind: 'api_token', secret } as const;
      expect((await race(proof, () => end(server.asOwner, { id: token.id }), shapes, round % 8)).valid).toBe(0);
    }
  });

  test('no token of an organization that is deactivated or deleted meanwhile is valid afterwards [S60]', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { id, owner } = await server.addOrganization(`org-${round}`);
      const { apiUser, password } = await server.core.createApiUser(owner.caller, { name: 'M', role: 'viewer' });
      const proof = { kind: 'password', username: apiUser.username, password } as const;
      const end = round % 2 === 0 ? server.core.deactivateOrganization : server.core.deleteOrganization;
      expect((await race(proof, () => end(server.asOwner, id), [...shapes, outliving], round * 2)).valid).toBe(0);
    }
  });

  test('a deactivation that is undone brings no token back [S60] [S61]', async () => {
    const { id, proof } = await machine();
    const before = await server.core.exchange({ proof, shape: () => ({ form: 'oauth', lifetimeMs: 3_600_000 }) });
    await server.core.deactivateApiUser(server.asOwner, id);
    await server.core.activateApiUser(server.asOwner, id);
    expect(await server.core.inspect(before.allowed ? before.token : null)).toMatchObject({ reason: 'revoked' });
    expect(await server.core.exchange({ proof, shape: () => outliving })).toMatchObject({ allowed: true });
  });

  describe('somebody who is deactivated meanwhile', () => {
    let people = 0;
    async function admin() {
      people += 1;
      const wanted = { email: `in-flight-${people}@people.example`, name: 'Somebody', role: 'owner' };
      const { user, password } = await server.core.createUser(server.asOwner, wanted);
      return { id: user.id, password, caller: await server.callerFor({ type: 'user', id: user.id }) };
    }
    /** Whatever needs a password's hash comes after these. */
    const busy = () =>
      Promise.all(
        Array.from({ length: 16 }, () =>
          server.core
            .startSession({ email: 'nobody@people.example', password: 'x' }, { address: '192.0.2.1', userAgent: '' })
            .catch(() => undefined),
        ),
      );
    const invited = () => ({ email: `made-${people}@people.example`, name: 'Made', role: 'member' });

    test.each<[string, (person: Awaited<ReturnType<typeof admin>>, target: string) => Promise<unknown>]>([
      ['makes no user', ({ caller }) => server.core.createUser(caller, invited())],
      [
        'makes no owner of another organization',
        async ({ caller }) => {
          const { id } = await server.core.createOrganization(server.asOwner, { name: `made-${people}` });
          return server.core.addOwner(caller, id, invited());
        },
      ],
      ['invites nobody', ({ caller }) => server.core.invite(caller, invited())],
      ["resets nobody's password", ({ caller }, target) => server.core.resetPassword(caller, target)],
      [
        'has no new password',
        ({ caller, password }) =>
          server.core.changePassword(caller, { current: password, next: 'blue kettle on a mountain' }),
      ],
      ['has no second factor', ({ caller, password }) => server.core.prepareSecondFactor(caller, password)],
    ])('%s [S60]', async (_what, act) => {
      const [person, target] = [await admin(), await admin()];
      const others = busy();
      const acted = act(person, target.id).then(
        () => 'done',
        (error) => error.code,
      );
      await nextTurn();
      await server.core.deactivateUser(server.asOwner, person.id);
      const head = await server.store.journal.head();
      expect(await acted).toBe('unauthenticated');
      await others;
      expect(await server.store.journal.after(head, 100)).toEqual([]);
    });

    test('changes nothing with a request whose body comes afterwards [S60]', async () => {
      const { id, caller } = await admin();
      const { secret } = await server.core.createApiToken(caller, { permissions: ['*:*'] });
      const body = JSON.stringify({ name: 'Left behind', role: 'admin' });
      const headers = {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'content-length': body.length,
      };
      const call = requestOver(`${server.url}/v1/api-users`, { method: 'POST', headers });
      const answered = new Promise<number | undefined>((resolve, reject) => {
        call.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
      });
      call.write(body.slice(0, 10));
      // Long enough for it to be let in.
      await pause(200);
      await server.core.deactivateUser(server.asOwner, id);
      const head = await server.store.journal.head();
      call.end(body.slice(10));
      expect(await answered).toBe(401);
      expect(await server.store.journal.after(head, 100)).toEqual([]);
    });
  });
});
