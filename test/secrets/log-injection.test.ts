// Nothing that a client sends begins a line of the log, ends one, or speaks to the terminal that shows it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { percent } from '../bad-input/bodies.ts';
import { type Call, type Connection, openConnection } from '../bad-input/http-client.ts';
import { naughtyStrings } from '../bad-input/naughty-strings.ts';
import { ownerToken } from '../bad-input/owner-token.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;
let connection: Connection;
let bearer: string;

beforeAll(async () => {
  server = await startServer();
  connection = openConnection(server.url);
  bearer = await ownerToken(server);
});

afterAll(async () => {
  connection.close();
  await server.stop();
});

const forged = '{"level":"error","msg":"forged"}';
const texts = [
  `x\r\n${forged}`,
  `x\n${forged}\n`,
  `\u001b[2J\u001b]0;x\u0007`,
  `\u2028${forged}`,
  `\u0085${forged}`,
  `\u009b31m`,
];

/** A text in every place that a request has. */
function callsWith(text: string): Call[] {
  const identity = ['Authorization', `Bearer ${bearer}`] as const;
  const json = ['Content-Type', 'application/json'] as const;
  const body = (value: object) => Buffer.from(JSON.stringify(value));
  const latin = Buffer.from(text).toString('latin1');
  return [
    { method: 'GET', target: `/v1/tokens/${percent(text)}`, headers: [identity] },
    { method: 'GET', target: `/${percent(text)}?${percent(text)}=${percent(text)}`, headers: [identity] },
    { method: 'POST', target: '/v1/tokens', headers: [identity, json], body: body({ name: text, permissions: [] }) },
    {
      method: 'POST',
      target: '/v1/tokens',
      headers: [identity, json],
      body: body({ description: text, permissions: [] }),
    },
    {
      method: 'POST',
      target: '/v1/users',
      headers: [identity, json],
      body: body({ email: text, name: text, role: text }),
    },
    { method: 'POST', target: '/v1/login', headers: [json], body: body({ email: text, password: text }) },
    { method: 'GET', target: '/v1/self', headers: [['Authorization', `Bearer ${latin}`]] },
    {
      method: 'GET',
      target: '/v1/self',
      headers: [
        ['User-Agent', latin],
        ['X-Request-Id', latin],
      ],
    },
    {
      method: 'GET',
      target: '/v1/self',
      headers: [
        ['X-Forwarded-For', latin],
        ['Referer', latin],
      ],
    },
  ];
}

test('whatever is sent, each line of the log is one of ours: JSON, with a time, and nothing that a terminal obeys [S124] [S83]', async () => {
  let sent = 0;
  for (const text of [...texts, ...naughtyStrings.filter((one) => one.length < 500 && /[^ -~]/.test(one))]) {
    for (const call of callsWith(text)) {
      await connection.send(call);
      sent += 1;
    }
  }
  const lines = server
    .logs()
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(sent / 2);
  for (const line of lines) {
    const told = JSON.parse(line) as { level: string; time: string };
    expect(told).toMatchObject({ level: expect.any(String), time: expect.any(String) });
    expect(['debug', 'info', 'warn']).toContain(told.level);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  }
  expect(server.logs()).not.toContain('forged');
});

test('a name that is kept may look like anything, and is shown as it was given [S83]', async () => {
  const kept = ["'; DROP TABLE users; --", '=1+1', '{{7*7}}', '<script>alert(1)</script>', '../../etc/passwd', '%s%n'];
  for (const one of kept) {
    const name = `${one} kept`;
    const { token } = await server.core.createApiToken(server.asOwner, { name, permissions: [] });
    const target = `/v1/tokens/${token.id}`;
    const reply = await connection.send({ method: 'GET', target, headers: [['Authorization', `Bearer ${bearer}`]] });
    expect(JSON.parse(reply.body)).toMatchObject({ name });
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  }
});
