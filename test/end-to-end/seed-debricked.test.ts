// Every example of Debricked's page, run as written: only the address and the credentials are ours. Its text lost the
// addresses on the way here; they are put back where curl takes them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filledIn } from './example.ts';
import { type Demo, startDemo } from './program.ts';
import { bash, type Ran, statusesIn, whyNot } from './run.ts';

const noCurl = await whyNot('curl', ['--version']);

const page = {
  withPassword: 'curl -d _username=YOUR_USERNAME -d _password=YOUR_PASSWORD https://debricked.com/api/login_check',
  withAccessToken: 'curl -d refresh_token=YOUR_ACCESS_TOKEN https://debricked.com/api/login_refresh',
  call: "curl -H 'Authorization: Bearer YOUR_VERY_LONG_TOKEN' https://debricked.com/api/1.0/open/files/supported-formats",
};

let server: Demo;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server?.kill());

async function curl(example: string, credentials: Record<string, string>): Promise<Ran> {
  return bash(server.place, filledIn(example, { 'https://debricked.com': server.url, ...credentials }));
}
const tokenIn = ({ output }: Ran): string => JSON.parse(output).token;

describe.skipIf(noCurl)(`Debricked's examples${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  test('a user name and password give a JWT, and the JWT opens the API', async () => {
    const { username, password } = server.demo.debricked;
    const exchanged = await curl(page.withPassword, { YOUR_USERNAME: username, YOUR_PASSWORD: password });
    expect([exchanged.code, statusesIn(exchanged)]).toEqual([0, [200]]);
    expect(tokenIn(exchanged)).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    const called = await curl(page.call, { YOUR_VERY_LONG_TOKEN: tokenIn(exchanged) });
    expect([called.code, statusesIn(called)]).toEqual([0, [200]]);
    expect(JSON.parse(called.output)[0]).toHaveProperty('regex');
  });

  test('a long-lived access token gives a JWT of about an hour, again and again', async () => {
    for (const _ of [1, 2]) {
      const exchanged = await curl(page.withAccessToken, { YOUR_ACCESS_TOKEN: server.demo.debricked.accessToken });
      expect(statusesIn(exchanged)).toEqual([200]);
      const claims = JSON.parse(Buffer.from(tokenIn(exchanged).split('.')[1] ?? '', 'base64url').toString());
      expect(claims.exp - claims.iat).toBe(3600);
      expect(statusesIn(await curl(page.call, { YOUR_VERY_LONG_TOKEN: tokenIn(exchanged) }))).toEqual([200]);
    }
  });

  test('the two tokens are different: the long-lived one must be exchanged', async () => {
    const called = await curl(page.call, { YOUR_VERY_LONG_TOKEN: server.demo.debricked.accessToken });
    expect(statusesIn(called)).toEqual([401]);
    expect(JSON.parse(called.output)).toEqual({ code: 401, message: 'Invalid JWT Token' });
  });

  test('an invalid JWT is 401, the sign to get a new one', async () => {
    expect(statusesIn(await curl(page.call, {}))).toEqual([401]);
  });

  test('users without the admin role or API access get no JWT', async () => {
    const { memberUsername, memberPassword } = server.demo.debricked;
    const refused = await curl(page.withPassword, { YOUR_USERNAME: memberUsername, YOUR_PASSWORD: memberPassword });
    expect(statusesIn(refused)).toEqual([403]);
    expect(refused.output).not.toContain('token');
  });

  test('a wrong password is 401 with the exact body', async () => {
    const refused = await curl(page.withPassword, {});
    expect([statusesIn(refused), refused.output]).toEqual([[401], '{"code":401,"message":"Invalid credentials."}']);
  });
});
