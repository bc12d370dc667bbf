// Every example of RebelCore's page in its own language, run as written: only the address and the credentials are ours.
// Its text lost the indentation on the way here, which Python needs; it is put back. Each program says its token at the
// end, so that it can be tried.

import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filledIn } from './example.ts';
import { type Demo, startDemo } from './program.ts';
import { bash, pythonWith, type Ran, run, statusesIn, whyNot } from './run.ts';

const page = {
  curl: `curl https://api.rebelcore.ai/api/v1/authorize \\
-H "Content-Type: application/json" \\
-d '{
"username": "abcdef12-3456-7890-abcd-ef1234567890@api.rebelcore.local",
"password": "your-48-character-password-here"
}'
`,
  python: `import httpx
with httpx.Client() as client:
    r = client.post(
        "https://api.rebelcore.ai/api/v1/authorize",
        json={
            "username": "abcdef12-3456-7890-abcd-ef1234567890@api.rebelcore.local",
            "password": "your-48-character-password-here",
        },
    )
    r.raise_for_status()
    token = r.json()["token"]
`,
  node: `const r = await fetch("https://api.rebelcore.ai/api/v1/authorize", {
method: "POST",
headers: { "Content-Type": "application/json" },
body: JSON.stringify({
username: "abcdef12-3456-7890-abcd-ef1234567890@api.rebelcore.local",
password: "your-48-character-password-here",
}),
});
const { token } = await r.json();
`,
  postman: `const json = pm.response.json();
pm.collectionVariables.set("token", json.token);
`,
};

const [python, noHttpx] = await pythonWith('httpx');
if (noHttpx !== null) console.warn(`The Python example is skipped: ${noHttpx}`);
const noCurl = await whyNot('curl', ['--version']);

let server: Demo;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server?.kill());

function ours(example: string): string {
  const { username, password } = server.demo.rebelcore;
  return filledIn(example, {
    'https://api.rebelcore.ai': server.url,
    'abcdef12-3456-7890-abcd-ef1234567890@api.rebelcore.local': username,
    'your-48-character-password-here': password,
  });
}

async function infer(authorization: string): Promise<number> {
  const headers = { authorization, 'content-type': 'application/json' };
  const body = JSON.stringify({ prompt: 'Hello', spec_ids: [] });
  const { status } = await fetch(server.url + server.demo.rebelcore.inferPath, { method: 'POST', headers, body });
  return status;
}

/** The last line is the token: opaque, and good for a call. */
async function expectToken({ code, output, errors }: Ran): Promise<void> {
  expect([code, errors]).toEqual([0, '']);
  expect(output).toMatch(/^AT1[\w-]+\n$/);
  expect(await infer(`Bearer ${output.trim()}`)).toBe(200);
}

describe("RebelCore's examples", () => {
  test('curl', async ({ skip }) => {
    skip(noCurl !== null, noCurl ?? '');
    const before = Math.floor(Date.now() / 1000);
    const answer = await bash(server.place, ours(page.curl));
    expect([answer.code, statusesIn(answer)]).toEqual([0, [200]]);
    const { token, expires_at: expiresAt, token_type: type, ...rest } = JSON.parse(answer.output);
    expect([type, rest]).toEqual(['Bearer', {}]);
    expect(token).toMatch(/^AT1[\w-]+$/);
    expect(expiresAt - before).toBeGreaterThanOrEqual(86_400);
    expect(expiresAt - before).toBeLessThan(86_400 + 20);
    expect(await infer(`${type} ${token}`)).toBe(200);
  });

  test('Python, with httpx', async ({ skip }) => {
    skip(noHttpx !== null, noHttpx ?? '');
    await expectToken(await run(server.place, python, ['-'], { input: `${ours(page.python)}print(token)\n` }));
  });

  test('Node.js, with fetch', async () => {
    const program = `${ours(page.node)}console.log(token);\n`;
    await expectToken(await run(server.place, process.execPath, ['--input-type=module', '-'], { input: program }));
  });

  test('Postman: the script of the Tests tab captures the token, and {{token}} stands for it', async () => {
    const { username, password } = server.demo.rebelcore;
    const response = await fetch(`${server.url}/api/v1/authorize`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    const text = await response.text();
    const variables = new Map<string, unknown>();
    const pm = {
      response: { code: response.status, json: () => JSON.parse(text) },
      collectionVariables: { set: (name: string, value: unknown) => variables.set(name, value) },
    };
    runInNewContext(page.postman, { pm });
    expect([...variables.keys()]).toEqual(['token']);
    const header = 'Bearer {{token}}'.replace(/\{\{(\w+)\}\}/g, (_, name) => String(variables.get(name)));
    expect(await infer(header)).toBe(200);
  });

  test.each([
    ['another password', { 'your-48-character-password-here': 'x'.repeat(48) }],
    ['another user name', { 'abcdef12-3456-7890-abcd-ef1234567890': 'abcdef12-3456-7890-abcd-ef1234567891' }],
  ])('%s is 401 with one body', async (_, wrong) => {
    const answer = await bash(server.place, filledIn(page.curl, { 'https://api.rebelcore.ai': server.url, ...wrong }));
    expect([statusesIn(answer), answer.output]).toEqual([[401], '{"detail":"invalid credentials"}']);
  });

  test('a person cannot authorize here, with the same answer', async () => {
    const { email, password } = server.demo.owner;
    const body = JSON.stringify({ username: email, password });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/api/v1/authorize`, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([401, '{"detail":"invalid credentials"}']);
  });

  test('an expired or made-up token is 401 on the guarded call', async () => {
    expect(await infer('Bearer AT1invalid')).toBe(401);
  });
});
