// Every example of Parsers' page. The page shows requests as header lines; curl sends them as they are written, with
// only the address and the credentials ours.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filledIn } from './example.ts';
import { type Demo, start, startDemo } from './program.ts';
import { bash, type Ran, statusesIn, whyNot } from './run.ts';

const noCurl = await whyNot('curl', ['--version']);

const page = {
  getToken: 'Authorization: Basic base64({username}:{password})',
  call: 'Authorization: Bearer {your-auth-token}',
};

let server: Demo;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server?.kill());

function getToken(username: string, password: string): Promise<Ran> {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  const header = filledIn(page.getToken, { 'base64({username}:{password})': encoded });
  return bash(server.place, `curl -X POST -H '${header}' ${server.url}/v2/auth/token`);
}
function call(path: string, token: string): Promise<Ran> {
  const header = filledIn(page.call, { '{your-auth-token}': token });
  return bash(server.place, `curl -H '${header}' ${server.url}${path}`);
}
const tokenIn = ({ output }: Ran): string => JSON.parse(output).token;

describe.skipIf(noCurl)(`Parsers' examples${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  test.each([
    ['a login and password', () => [server.demo.parsers.login, server.demo.parsers.password] as const],
    ['an API key without a password', () => [server.demo.parsers.apiKey, ''] as const],
  ])('%s give a bearer token, which opens secured paths', async (_, credentials) => {
    const answer = await getToken(...credentials());
    expect(statusesIn(answer)).toEqual([200]);
    expect(Object.keys(JSON.parse(answer.output))).toEqual(['token']);
    expect(tokenIn(answer)).toMatch(/^eyJhbGciOiJSUzI1NiI/);
    expect(statusesIn(await call(server.demo.parsers.guardedPath, tokenIn(answer)))).toEqual([200]);
  });

  test('demo access: the demo key has no password and reaches the Demo group, nothing else', async () => {
    const { demoKey, demoPath, guardedPath } = server.demo.parsers;
    const answer = await getToken(demoKey, '');
    expect(statusesIn(answer)).toEqual([200]);
    expect(statusesIn(await call(demoPath, tokenIn(answer)))).toEqual([200]);
    expect(statusesIn(await call(guardedPath, tokenIn(answer)))).toEqual([403]);
  });

  test('the demo token works as it is given', async () => {
    const { demoToken, demoPath, guardedPath } = server.demo.parsers;
    expect(statusesIn(await call(demoPath, demoToken))).toEqual([200]);
    expect(statusesIn(await call(guardedPath, demoToken))).toEqual([403]);
  });

  test('400 when user name or password is not specified, 401 when they are invalid', async () => {
    const { login, guardedPath } = server.demo.parsers;
    expect(statusesIn(await getToken('', ''))).toEqual([400]);
    expect(statusesIn(await getToken(login, ''))).toEqual([400]);
    expect(statusesIn(await bash(server.place, `curl -X POST ${server.url}/v2/auth/token`))).toEqual([400]);
    expect(statusesIn(await getToken(login, 'wrong password'))).toEqual([401]);
    expect(statusesIn(await call(guardedPath, 'invalid'))).toEqual([401]);
    expect(statusesIn(await bash(server.place, `curl ${server.url}${guardedPath}`))).toEqual([401]);
  });

  test('calls over plain HTTP fail, and are not redirected [S1]', async () => {
    // The demo's own folder is never served as real: this is a server beside it.
    const plain = await start();
    try {
      const encoded = Buffer.from(`${server.demo.parsers.apiKey}:`).toString('base64');
      const header = filledIn(page.getToken, { 'base64({username}:{password})': encoded });
      const answer = await bash(server.place, `curl -i -X POST -H '${header}' ${plain.url}/v2/auth/token`);
      expect(statusesIn(answer)).toEqual([403]);
      expect(answer.output.toLowerCase()).not.toMatch(/\nlocation:|"token"/);
    } finally {
      await plain.stop();
    }
  });
});
