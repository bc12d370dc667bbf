// The description is what other people's tools expect of one: their linter has nothing to say, and it is one and the same
// wherever it is read.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { runProgram } from './printed.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('the description is clean in the eyes of redocly', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-openapi-'));
  try {
    const file = join(folder, 'openapi.json');
    writeFileSync(file, runProgram('openapi', '--url', 'https://keyward.example'));
    const redocly = join(import.meta.dirname, '../../node_modules/@redocly/cli/bin/cli.js');
    const config = join(import.meta.dirname, '../../redocly.yaml');
    const args = [redocly, 'lint', file, '--config', config, '--format', 'json'];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const report = JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 1 << 26 }));
    expect(report.problems).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the server and the command line give one and the same description', async () => {
  const served = await fetch(`${server.url}/openapi.json`);
  expect(served.status).toBe(200);
  expect(served.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await served.json()).toEqual(JSON.parse(runProgram('openapi', '--url', server.url)));
  for (const [path, ...args] of [['/postman.json'], ['/postman-environment.json', '--environment']] as const) {
    const printed = JSON.parse(runProgram('postman', '--url', server.url, ...args));
    expect(await (await fetch(server.url + path)).json(), path).toEqual(printed);
  }
});

test.each(['/openapi.json', '/postman.json', '/postman-environment.json'])(
  'whoever has %s already is told so, and not sent it again',
  async (path) => {
    const first = await fetch(server.url + path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = await fetch(server.url + path, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect((await fetch(server.url + path, { method: 'HEAD' })).status).toBe(200);
  },
);

test('a dialect that is off is not in the description', async () => {
  const other = await startServer({ dialects: { debricked: false } });
  try {
    const { paths, tags } = (await (await fetch(`${other.url}/openapi.json`)).json()) as {
      paths: object;
      tags: { name: string }[];
    };
    expect(Object.keys(paths)).not.toContain('/api/login_check');
    expect(tags.map(({ name }) => name)).not.toContain('debricked');
  } finally {
    await other.stop();
  }
});

test('a guarded API keeps its own description under the address where Keyward has one', async () => {
  const route = { methods: ['GET'], permissions: [], credential: 'none', dialect: null } as const;
  const other = await startServer({ routes: (upstream) => [{ ...route, path: '/openapi.json', upstream }] });
  try {
    expect(await (await fetch(`${other.url}/openapi.json`)).json()).toMatchObject({ url: '/openapi.json' });
    expect((await fetch(`${other.url}/postman.json`)).status).toBe(200);
  } finally {
    await other.stop();
  }
});
