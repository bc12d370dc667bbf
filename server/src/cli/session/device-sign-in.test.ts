// What people may rely on when they sign in by a browser, which may be on another machine.

import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StandIn, self, startStandIn, token, user } from './stand-in.test-support.ts';

let at: StandIn;
beforeEach(async () => {
  at = await startStandIn();
});
afterEach(() => at.stop());

describe('login by a browser', () => {
  const codes = {
    device_code: 'a'.repeat(43),
    user_code: 'BCDF-GHJK',
    verification_uri: 'https://auth.example.com/device',
    verification_uri_complete: 'https://auth.example.com/device?user_code=BCDF-GHJK',
    expires_in: 600,
    interval: 0,
  };
  const pending = { status: 400, body: { error: 'authorization_pending' } };
  const granted = { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 3600 } };

  /** The server answers the polls in this order. */
  function polls(...answers: { status: number; body: unknown }[]): void {
    at.answer = (path) => {
      if (path === '/oauth/device') return { status: 200, body: codes };
      if (path === '/oauth/token') return answers.shift() ?? granted;
      return path === '/v1/session'
        ? { status: 204, body: null }
        : { status: 200, body: { ...self, name: user.email } };
    };
  }

  test('is how it signs in unless a password is meant: it shows address and code, waits, and keeps the token', async () => {
    polls(pending, pending);
    const { code, output, errors } = await at.keyward(['login', '--url', at.url]);
    expect([code, at.asked()]).toEqual([
      0,
      ['POST /oauth/device', 'POST /oauth/token', 'POST /oauth/token', 'POST /oauth/token', 'GET /v1/self'],
    ]);
    expect(errors).toContain('https://auth.example.com/device?user_code=BCDF-GHJK');
    expect(errors).toMatch(/must show this code: BCDF-GHJK\nWaiting for 10 minutes/);
    expect(output).toContain(`Signed in to ${at.url} as ada@example.com until `);
    expect(readFileSync(at.credentials, 'utf8')).toBe(`token: Bearer ${token}\nuserid: ${user.id}\nurl: ${at.url}\n`);
    expect(at.seen[0]?.body).toBe('client_id=keyward-cli');
    expect(Object.fromEntries(new URLSearchParams(at.seen[1]?.body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: codes.device_code,
      client_id: 'keyward-cli',
    });
    expect(output + errors).not.toContain(codes.device_code);
  });

  test('tells programs what to show in JSON, beside the result', async () => {
    polls();
    const { output, errors } = await at.keyward(['login', '--url', at.url, '--json']);
    expect(JSON.parse(errors)).toEqual({
      userCode: 'BCDF-GHJK',
      verificationUri: codes.verification_uri,
      verificationUriComplete: codes.verification_uri_complete,
      expiresInSeconds: 600,
    });
    const { user: who, expiresAt, ...rest } = JSON.parse(output);
    expect([who, rest]).toEqual([
      { id: user.id, email: user.email },
      { url: at.url, credentials: at.credentials },
    ]);
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  });

  test('waits five seconds longer after slow_down, as the server asks', async () => {
    polls({ status: 400, body: { error: 'slow_down' } });
    let first = 0;
    let second = 0;
    const usual = at.answer;
    at.answer = (path) => {
      if (path === '/oauth/token') [first, second] = [second, performance.now()];
      return usual(path);
    };
    expect((await at.keyward(['login', '--url', at.url])).code).toBe(0);
    expect(second - first).toBeGreaterThan(4990);
  }, 60_000);

  test('asks again where the server is busy for a moment', async () => {
    polls({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect((await at.keyward(['login', '--url', at.url])).code).toBe(0);
  }, 60_000);

  test.each([
    ['access_denied', 'not allowed'],
    ['expired_token', 'in time'],
    ['invalid_grant', 'answered 400. invalid_grant'],
  ])('explains %s, and leaves what was there', async (error, words) => {
    polls({ status: 400, body: { error } });
    const { code, output, errors } = await at.keyward(['login', '--url', at.url]);
    expect([code, output]).toEqual([1, '']);
    expect(errors).toContain(words);
    expect(existsSync(at.credentials)).toBe(false);
  });

  test('ends by itself when the code does', async () => {
    at.answer = (path) => (path === '/oauth/device' ? { status: 200, body: { ...codes, expires_in: 0.2 } } : pending);
    const { code, errors } = await at.keyward(['login', '--url', at.url]);
    expect([code, errors]).toEqual([1, expect.stringContaining('Nobody allowed it in time.')]);
  });

  test('names the way by a password where a server knows none by a browser', async () => {
    at.answer = () => ({ status: 404, body: { title: 'Not found' } });
    const { code, errors } = await at.keyward(['login', '--url', at.url]);
    expect([code, errors]).toEqual([1, expect.stringContaining('--with-password')]);
    const typed = await at.keyward(['login', '--url', at.url, '--with-password']);
    expect([typed.code, typed.errors]).toEqual([2, expect.stringContaining('--email')]);
  });

  test.each([
    ['nothing', {}],
    ['no code', { ...codes, user_code: undefined }],
    ['no end', { ...codes, expires_in: 'soon' }],
  ])('takes no server at its word that answers %s', async (_, body) => {
    at.answer = () => ({ status: 200, body });
    const { code, errors } = await at.keyward(['login', '--url', at.url]);
    expect([code, errors]).toEqual([1, expect.stringContaining('Is that the address of a Keyward server?')]);
  });

  test('lets no server write to the terminal', async () => {
    polls();
    const usual = at.answer;
    at.answer = (path) =>
      path === '/oauth/device' ? { status: 200, body: { ...codes, user_code: 'BC\u001b[2J\nDF' } } : usual(path);
    expect((await at.keyward(['login', '--url', at.url])).errors).toContain('must show this code: BC DF\n');
  });

  test('ends the token that it takes the place of', async () => {
    polls();
    await at.keyward(['login', '--url', at.url]);
    await at.keyward(['login']);
    expect(at.asked().slice(-1)).toEqual(['DELETE /v1/session']);
  });
});
