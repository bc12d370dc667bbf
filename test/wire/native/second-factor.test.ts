// The second factor: beginning, confirming, signing in with it, and the day the phone is gone.

import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PreparedSecondFactor, RecoveryCodes, Session, User } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { KeywardError } from '../../../server/src/core/errors.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, call, expectFaults, expectProblem } from './calls.ts';
import { startEmptyServer } from './empty-server.ts';
import { openSessionClient, type Page, signedIn } from './session-client.ts';

const step = 30_000;

interface Protected {
  id: string;
  email: string;
  password: string;
  page: Page;
  secret: string;
  recoveryCodes: string[];
}

describe.each(['sqlite', 'postgres'] as const)('a second factor on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server?.stop());

  const codeAt = (secret: string, at = server.clock.now()) =>
    TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at });

  let people = 0;
  async function newPerson(role = 'member') {
    people += 1;
    const email = `person${people}@factors.example`;
    const { user, password } = await server.core.createUser(systemIn(server.organization), { email, name: 'P', role });
    return { id: user.id, email, password, page: await signedIn(server, { email, password }) };
  }

  async function newProtected(role?: string): Promise<Protected> {
    const person = await newPerson(role);
    const { password, page } = person;
    const prepared = await page.ask<PreparedSecondFactor>('POST', '/v1/self/second-factor', { password });
    expect(prepared.status, prepared.text).toBe(200);
    const { secret } = prepared.body;
    const code = codeAt(secret);
    const confirmed = await page.ask<RecoveryCodes>('POST', '/v1/self/second-factor/confirmation', { code });
    expect(confirmed.status, confirmed.text).toBe(200);
    // The step of that code is spent.
    server.clock.advance(step);
    return { ...person, secret, recoveryCodes: confirmed.body.recoveryCodes };
  }

  const signIn = (email: string, password: string, code?: string) =>
    openSessionClient(server).ask('POST', '/v1/session', { email, password, ...(code !== undefined && { code }) });

  test('counts once its first code was shown, and not before', async () => {
    const { email, password, page, id } = await newPerson();
    expectFaults(await page.ask('POST', '/v1/self/second-factor', { password: 'not the password' }), '/body/password');
    const first = await page.ask<PreparedSecondFactor>('POST', '/v1/self/second-factor', { password });
    expect(first.body.uri).toContain(`secret=${first.body.secret}`);
    expect((await signIn(email, password)).status).toBe(200);
    const second = await page.ask<PreparedSecondFactor>('POST', '/v1/self/second-factor', { password });
    const confirm = (code: string) => page.ask('POST', '/v1/self/second-factor/confirmation', { code });
    expectFaults(await confirm(codeAt(first.body.secret)), '/body/code');
    expectFaults(await confirm('000000x'), '/body/code');
    const confirmed = await confirm(codeAt(second.body.secret));
    const { recoveryCodes = [] } = confirmed.body as unknown as RecoveryCodes;
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const one of recoveryCodes) expect(one).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{4}-){2}[0-9a-hjkmnp-tv-z]{4}$/);
    expectProblem(await signIn(email, password), 401, 'second_factor_required');
    expectProblem(await confirm(codeAt(second.body.secret)), 409, 'conflict');
    expectProblem(await page.ask('POST', '/v1/self/second-factor', { password }), 409, 'conflict');
    expect((await page.ask<Session>('GET', '/v1/session')).body.secondFactor).toBe(true);
    expect((await page.ask<User>('PATCH', '/v1/self', { name: 'P' })).body.secondFactor).toBe(true);
    expect(id).toBeDefined();
  });

  test('is asked for after a right password, and says nothing after a wrong one [S21]', async () => {
    const { email, password, secret } = await newProtected();
    const wrong = await signIn(email, 'not the password at all', codeAt(secret));
    expectProblem(wrong, 401, 'invalid_credential');
    const absent = await signIn('absent@factors.example', 'not the password at all', codeAt(secret));
    expect(wrong.text).toBe(absent.text);
    expectProblem(await signIn(email, password), 401, 'second_factor_required');
    expectProblem(await signIn(email, password, ''), 401, 'second_factor_required');
    expectProblem(await signIn(email, password, '123'), 401, 'second_factor_required');
    const right = codeAt(secret);
    expect((await signIn(email, password, `${right.slice(0, 3)} ${right.slice(3)}`)).status).toBe(200);
  });

  test('takes each code once, and none from before it, however many ask at once [S42]', async () => {
    const { email, password, secret } = await newProtected();
    const code = codeAt(secret);
    const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(email, password, code)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)]);
    const earlier = codeAt(secret, server.clock.now() - step);
    expectProblem(await signIn(email, password, earlier), 401, 'second_factor_required');
    server.clock.advance(step);
    expectProblem(await signIn(email, password, code), 401, 'second_factor_required');
    expect((await signIn(email, password, codeAt(secret))).status).toBe(200);
    server.clock.advance(10 * step);
    expectProblem(
      await signIn(email, password, codeAt(secret, server.clock.now() - 2 * step)),
      401,
      'second_factor_required',
    );
  });

  test('has ten recovery codes, each of which works once, as it is typed [S20]', async () => {
    const { email, password, recoveryCodes, secret } = await newProtected();
    const [first = '', second = ''] = recoveryCodes;
    expect((await signIn(email, password, first)).status).toBe(200);
    expectProblem(await signIn(email, password, first), 401, 'second_factor_required');
    expect((await signIn(email, password, second.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
    const other = await newProtected();
    expectProblem(await signIn(other.email, other.password, recoveryCodes[2]), 401, 'second_factor_required');
    expect((await signIn(email, password, codeAt(secret))).status).toBe(200);
  });

  test('is kept sealed, and its recovery codes so that the database alone gives none away [S13]', async () => {
    const { id, secret, recoveryCodes } = await newProtected();
    const kept = await server.store.secondFactors.find(server.organization.id, id);
    const macs = await server.store.secondFactors.recoveryCodes(server.organization.id, id);
    expect(macs).toHaveLength(10);
    const journal = await server.store.journal.after(0, 100_000);
    const everything = JSON.stringify([kept, macs, journal]) + server.logs();
    for (const one of [secret, ...recoveryCodes]) {
      expect(everything).not.toContain(one);
      expect(everything).not.toContain(one.replaceAll('-', ''));
    }
  });

  test('is asked of whoever signs in on the command line too', async () => {
    const { email, password, secret } = await newProtected();
    const login = (code?: string) =>
      call(server, 'POST', '/v1/login', undefined, { email, password, ...(code !== undefined && { code }) });
    expectProblem(await login(), 401, 'second_factor_required');
    expectProblem(await login('000000'), 401, 'second_factor_required');
    expect((await login(codeAt(secret))).status).toBe(200);
  });

  test('keeps a password alone from opening anything in a language that cannot ask for a code [S21]', async () => {
    const { email, password } = await newProtected('owner');
    const json = { 'content-type': 'application/json' };
    const access = await call(server, 'POST', '/v1/access-tokens', undefined, { username: email, password });
    expectProblem(access, 401, 'invalid_credential');
    const debricked = await call(
      server,
      'POST',
      '/api/login_check',
      undefined,
      { _username: email, _password: password },
      json,
    );
    expect(debricked.status).toBe(401);
    const basic = { authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}` };
    expect((await call(server, 'POST', '/v2/auth/token', undefined, undefined, basic)).status).toBe(401);
  });

  test('is taken away with the password, and by someone who manages the user', async () => {
    const mine = await newProtected();
    const { page, password, email } = mine;
    const wrong = await page.ask('DELETE', '/v1/self/second-factor', { password: 'not the password' });
    expectFaults(wrong, '/body/password');
    expect((await page.ask('DELETE', '/v1/self/second-factor', { password })).status).toBe(204);
    expectProblem(await page.ask('DELETE', '/v1/self/second-factor', { password }), 404, 'not_found');
    expect((await signIn(email, password)).status).toBe(200);

    const theirs = await newProtected();
    const owner = await signedIn(server, server.owner);
    await owner.ask('POST', '/v1/session/confirmation', { password: server.owner.password });
    expect((await owner.ask('DELETE', `/v1/users/${theirs.id}/second-factor`)).status).toBe(204);
    expectProblem(await owner.ask('DELETE', `/v1/users/${theirs.id}/second-factor`), 404, 'not_found');
    expect((await signIn(theirs.email, theirs.password)).status).toBe(200);
    const [recovery] = theirs.recoveryCodes;
    const macs = await server.store.secondFactors.recoveryCodes(server.organization.id, theirs.id);
    expect([macs, recovery]).toEqual([[], expect.any(String)]);
  });

  test("is nobody else's to take away: another organization's, or someone's above [S53]", async () => {
    const theirs = await newProtected('owner');
    const outside = await server.addOrganization(`outside-${people}`);
    const foreign = await bearerOf(server, outside.owner);
    expectProblem(await call(server, 'DELETE', `/v1/users/${theirs.id}/second-factor`, foreign), 404, 'not_found');
    const admin = await bearerOf(server, server.admin);
    expectProblem(await call(server, 'DELETE', `/v1/users/${theirs.id}/second-factor`, admin), 403, 'forbidden');
    expectProblem(await signIn(theirs.email, theirs.password), 401, 'second_factor_required');
  });

  test('stays after a new password, by whichever way it was chosen', async () => {
    const mine = await newProtected();
    const next = 'green kettle on a mountain';
    await mine.page.ask('PUT', '/v1/self/password', { current: mine.password, next });
    expectProblem(await signIn(mine.email, next), 401, 'second_factor_required');
    const { url } = await server.core.makePasswordLink(server.asOwner, mine.id);
    const redeemed = { token: url.split('#')[1], password: 'blue kettle on a mountain' };
    expect((await call(server, 'POST', '/v1/password-links/redeem', undefined, redeemed)).status).toBe(204);
    expectProblem(await signIn(mine.email, 'blue kettle on a mountain'), 401, 'second_factor_required');
  });
});

describe('guessing the code', () => {
  const password = 'blue kettle on a mountain';
  const email = 'bob@acme.example';

  /** A server whose only user has a second factor; how often a wrong code of theirs is looked at is what it answers. */
  async function guessing(signInFailures: number, work: (attempt: Attempt) => Promise<void>): Promise<void> {
    const server = await startEmptyServer(signInFailures);
    try {
      await server.core.createFirstOrganization({ organization: 'acme', email, name: 'Bob', password });
      const whence = { address: '198.51.100.7', userAgent: '' };
      const { caller } = await server.core.startSession({ email, password }, whence);
      const { secret } = await server.core.prepareSecondFactor(caller, password);
      const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: server.clock.now() });
      await server.core.confirmSecondFactor(caller, code);
      await work(async (name, guess, address = '192.0.2.1') => {
        const started = server.core.startSession({ email: name, password, code: guess }, { address, userAgent: '' });
        return started.then(
          () => 'let in',
          (error: unknown) => (error instanceof KeywardError ? error.code : String(error)),
        );
      });
    } finally {
      await server.stop();
    }
  }
  type Attempt = (name: string, guess: string | undefined, address?: string) => Promise<string>;
  const evaluated = (outcomes: readonly string[]) => outcomes.filter((one) => one === 'second_factor_required').length;

  test('is counted by the one canonical name, spelled in any way [S23]', async () => {
    await guessing(10, async (attempt) => {
      const spellings = ['Bob@acme.example', 'bob@acme.example ', 'ＢＯＢ@acme.example', 'BOB@ACME.EXAMPLE'];
      const outcomes: string[] = [];
      for (let guess = 0; guess < 20; guess += 1) outcomes.push(await attempt(spellings[guess % 4] ?? '', '123456'));
      expect(outcomes).toEqual([...Array(10).fill('second_factor_required'), ...Array(10).fill('too_many_requests')]);
    });
  });

  test('100 wrong codes at once are evaluated no more often than the limit [S24]', async () => {
    await guessing(10, async (attempt) => {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => attempt(email, '123456')));
      expect(evaluated(outcomes)).toBe(10);
    });
  });

  test('a right password without a code is neither a failure nor a way to be known at an address [S25]', async () => {
    await guessing(2, async (attempt) => {
      const without = await Promise.all(Array.from({ length: 6 }, () => attempt(email, undefined)));
      // At once they may come too many; one after the other none is held up.
      expect(evaluated(without)).toBeGreaterThan(0);
      for (let time = 0; time < 5; time += 1) expect(await attempt(email, undefined)).toBe('second_factor_required');
      const outcomes: string[] = [];
      for (let host = 0; host < 30; host += 1) outcomes.push(await attempt(email, '123456', `192.0.2.${host + 2}`));
      expect(evaluated(outcomes)).toBe(20);
      expect(await attempt(email, '123456')).toBe('too_many_requests');
    });
  });
});
