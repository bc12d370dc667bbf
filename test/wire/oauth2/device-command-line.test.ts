// Keyward's own command line by the device grant: it signs its person in, with all that they may do, on no server that they did
// not confirm it at with their password; and it is no client for anything else.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionList } from '../../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../../server.ts';
import { call as ask, expectProblem } from '../native/calls.ts';
import { type Page, signedIn } from '../native/session-client.ts';
import { authorize } from './application-flow.ts';
import { call, claimsOf, post } from './clients.ts';
import { answerDevice, askForCode, type Codes, codesFor, commandLine, look, poll } from './device-flow.ts';

const hour = 3_600_000;

describe('the command line', () => {
  let server: TestServer;
  let page: Page;

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds'] });
    page = await signedIn(server, server.admin);
  });
  afterAll(() => server.stop());

  const confirm = () => page.ask('POST', '/v1/session/confirmation', { password: server.admin.password });

  async function signIn(): Promise<{ token: string; codes: Codes }> {
    const codes = await codesFor(server, commandLine);
    await confirm();
    expect((await answerDevice(page, codes.userCode)).body).toEqual({ allowed: true });
    const { status, body } = await poll(server, commandLine, codes);
    expect(status).toBe(200);
    return { token: body.access_token, codes };
  }

  it('is told of as itself, and signs its person in for a working day', async () => {
    const codes = await codesFor(server, commandLine);
    expect((await look(page, codes.userCode)).body).toMatchObject({
      application: { id: 'keyward-cli', name: 'Keyward command line', organization: null },
      permissions: [{ name: '*:*', description: null, isNew: true }],
      address: '127.0.0.1',
    });
    await confirm();
    await answerDevice(page, codes.userCode);
    const { body } = await poll(server, commandLine, codes);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 12 * 3600 });
    expect(body).not.toHaveProperty('refresh_token');
    expect(claimsOf(body.access_token)).toMatchObject({ client_id: 'keyward-cli', sub: server.admin.id });
    const self = await ask<{ name: string; permissions: string[] }>(server, 'GET', '/v1/self', body.access_token);
    expect(self.body).toMatchObject({ name: server.admin.email });
    expect(self.body.permissions).toEqual(server.admin.caller.permissions);
    expect(body.scope.split(' ')).toEqual(server.admin.caller.permissions);
    // What is one's own needs no permission: this is the person, as it is with a password.
    expect((await call(server, '/v1/sessions', body.access_token)).status).toBe(200);
  });

  it('is allowed by somebody who has just typed their password, and refused by anybody [S89]', async () => {
    const unconfirmed = await signedIn(server, server.owner);
    const codes = await codesFor(server, commandLine);
    expectProblem(await answerDevice(unconfirmed, codes.userCode), 403, 'confirmation_required');
    expect((await poll(server, commandLine, codes)).body.error).toBe('authorization_pending');
    expect((await answerDevice(unconfirmed, codes.userCode, false)).body).toEqual({ allowed: false });
    expect((await poll(server, commandLine, codes)).body.error).toBe('access_denied');
  });

  it('signs out with the token itself, which its session in the portal ends too [S36]', async () => {
    const { token } = await signIn();
    expect((await ask(server, 'DELETE', '/v1/session', token)).status).toBe(204);
    expect((await call(server, '/v1/self', token)).status).toBe(401);

    const again = await signIn();
    const { items } = (await page.ask<SessionList>('GET', '/v1/sessions')).body;
    const session = items.find(({ id }) => id === claimsOf(again.token).sid);
    expect(session).toMatchObject({ carrier: 'access_token', current: false });
    await page.ask('DELETE', `/v1/sessions/${session?.id}`);
    expect((await call(server, '/v1/self', again.token)).status).toBe(401);
  });

  it('is signed in once by a code, and out by whoever uses it again [S42]', async () => {
    const { token, codes } = await signIn();
    expect((await poll(server, commandLine, codes)).body.error).toBe('invalid_grant');
    expect((await call(server, '/v1/self', token)).status).toBe(401);
  });

  it('is signed out at the end of its day, and with its person', async () => {
    const email = 'short@acme.example';
    const made = await server.core.createUser(server.asOwner, { email, name: 'Short', role: 'member' });
    const theirs = await signedIn(server, { email, password: made.password });
    const codes = await codesFor(server, commandLine);
    await theirs.ask('POST', '/v1/session/confirmation', { password: made.password });
    await answerDevice(theirs, codes.userCode);
    const { body } = await poll(server, commandLine, codes);
    expect((await call(server, '/v1/self', body.access_token)).status).toBe(200);
    await server.core.deactivateUser(server.asOwner, made.user.id);
    expect((await call(server, '/v1/self', body.access_token)).status).toBe(401);
    const { token } = await signIn();
    server.clock.advance(12 * hour);
    expect((await call(server, '/v1/self', token)).status).toBe(401);
    page = await signedIn(server, server.admin);
  });

  it('narrows nothing and proves nothing: it says so to whoever asks for that', async () => {
    for (const parameters of [{ scope: 'read:funds' }, { resource: server.url }, { dpop_jkt: 'a'.repeat(43) }]) {
      const { status, body } = await askForCode(server, commandLine, parameters as Record<string, string>);
      expect([status, body.error]).toEqual([400, 'invalid_request']);
    }
    const withSecret = await askForCode(server, { ...commandLine, secret: 'x'.repeat(48) });
    expect([withSecret.status, withSecret.body.error]).toEqual([401, 'invalid_client']);
  });

  it('is no client of any other grant, and no application that anybody manages', async () => {
    const { location, status } = await authorize(
      server,
      new URLSearchParams({ client_id: commandLine.id, redirect_uri: 'http://127.0.0.1/', response_type: 'code' }),
    );
    expect([status, location]).toEqual([400, null]);
    for (const parameters of [
      { grant_type: 'client_credentials' },
      { grant_type: 'refresh_token', refresh_token: `RT1${'a'.repeat(86)}` },
      { grant_type: 'authorization_code', code: 'x', redirect_uri: 'http://127.0.0.1/', code_verifier: 'x' },
    ] as Record<string, string>[]) {
      const answer = await post(server, '/oauth/token', { client_id: commandLine.id, ...parameters });
      expect([answer.status, answer.body.error], parameters.grant_type).toEqual([401, 'invalid_client']);
    }
    const owner = await signedIn(server, server.owner);
    expectProblem(await owner.ask('GET', `/v1/applications/${commandLine.id}`), 404, 'not_found');
    expectProblem(await owner.ask('DELETE', `/v1/applications/${commandLine.id}`), 404, 'not_found');
  });
});
