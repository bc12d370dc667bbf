// Every shell line of Bluebricks' page, run as written: only the address, the credentials and the path of the
// credentials file are ours.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filledIn } from './example.ts';
import { type Demo, startDemo } from './program.ts';
import { bash, keyward, type Ran, statusesIn, whyNot } from './run.ts';

const noCurl = await whyNot('curl', ['--version']);

const page = {
  create: `curl https://api.bluebricks.co/api/v1/auth/key \\
  --request POST \\
  --header 'Content-Type: application/json' \\
  --header 'Authorization: Bearer YOUR_SECRET_TOKEN' \\
  --data '{"name": "YOUR_TOKEN_NAME"}'
`,
  firstToken: `cat ~/.bricks/credentials.yaml | grep token | sed -n 's/^token: Bearer //p'`,
  list: `curl https://api.bluebricks.co/api/v1/auth/keys \\
  --header 'Authorization: Bearer YOUR_SECRET_TOKEN'
`,
  deactivate: `curl https://api.bluebricks.co/api/v1/auth/key/deactivate \\
  --request POST \\
  --header 'Content-Type: application/json' \\
  --header 'Authorization: Bearer YOUR_SECRET_TOKEN' \\
  --data '{
  "name": "YOUR_TOKEN_NAME_TO_DEACTIVATE"
}'
`,
  activate: `curl https://api.bluebricks.co/api/v1/auth/key/activate \\
  --request POST \\
  --header 'Content-Type: application/json' \\
  --header 'Authorization: Bearer YOUR_SECRET_TOKEN' \\
  --data '{
  "name": "YOUR_TOKEN_NAME_TO_DEACTIVATE"
}'
`,
};

let server: Demo;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server?.kill());

function curl(example: string, token: string, names: Record<string, string> = {}): Promise<Ran> {
  const ours = { 'https://api.bluebricks.co': server.url, YOUR_SECRET_TOKEN: token, ...names };
  return bash(server.place, filledIn(example, ours));
}

describe.skipIf(noCurl)(`Bluebricks' examples${noCurl === null ? '' : `: ${noCurl}`}`, () => {
  test('a key is created, listed, deactivated and activated again', async () => {
    const { bearer } = server.demo.bluebricks;
    const name = { YOUR_TOKEN_NAME_TO_DEACTIVATE: 'a name' };
    const listed = async (token = bearer) => {
      const answer = await curl(page.list, token);
      if (statusesIn(answer)[0] !== 200) return statusesIn(answer)[0];
      return JSON.parse(answer.output).list.find((key: { name: string }) => key.name === 'a name')?.is_disabled;
    };
    const created = await curl(page.create, bearer, { YOUR_TOKEN_NAME: 'a name' });
    expect([created.code, statusesIn(created)]).toEqual([0, [200]]);
    const { api_key: key } = JSON.parse(created.output);
    expect(await listed()).toBe(false);
    expect(await listed(key)).toBe(false);
    expect(statusesIn(await curl(page.deactivate, bearer, name))).toEqual([200]);
    expect(await listed()).toBe(true);
    expect(await listed(key)).toBe(401);
    expect(statusesIn(await curl(page.activate, bearer, name))).toEqual([200]);
    expect(await listed()).toBe(false);
    expect(await listed(key)).toBe(false);
    expect((await curl(page.list, bearer)).output).not.toContain(key);
  });

  test('the first token is cut out of what keyward login left, and creates a key', async () => {
    const environment = { KEYWARD_CREDENTIALS: join(server.place.folder, 'bricks', 'credentials.yaml') };
    const { email, password } = server.demo.owner;
    const login = ['login', '--url', server.url, '--email', email, '--password-stdin'];
    expect(await keyward(server.place, login, { environment, input: password })).toMatchObject({ code: 0 });
    const line = filledIn(page.firstToken, { '~/.bricks/credentials.yaml': '"$KEYWARD_CREDENTIALS"' });
    const cut = await bash(server.place, line, { environment });
    expect(cut).toMatchObject({ code: 0, output: expect.stringMatching(/^eyJ[\w.-]+\n$/) });
    const created = await curl(page.create, cut.output.trim(), { YOUR_TOKEN_NAME: 'first' });
    expect(statusesIn(created)).toEqual([200]);
    expect(statusesIn(await curl(page.list, JSON.parse(created.output).api_key))).toEqual([200]);
  });

  test('a token without the permission is refused, and so is a name that is taken or unknown', async () => {
    const { bearer } = server.demo.bluebricks;
    expect(statusesIn(await curl(page.create, server.demo.versio.token, {}))).toEqual([403]);
    expect(statusesIn(await curl(page.list, 'invalid'))).toEqual([401]);
    expect(statusesIn(await curl(page.create, bearer, { YOUR_TOKEN_NAME: 'twice' }))).toEqual([200]);
    expect(statusesIn(await curl(page.create, bearer, { YOUR_TOKEN_NAME: 'twice' }))).toEqual([409]);
    expect(statusesIn(await curl(page.deactivate, bearer))).toEqual([404]);
  });
});
