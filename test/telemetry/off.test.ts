// Without a collector there is no telemetry: no module of it is read, nothing of it is on the way of a check, and what a caller
// says of its trace reaches the upstream as it is.

import { execFile } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { native } from '../../server/src/dialects/native.ts';
import { start, stubCore } from '../../server/src/http/app.test-support.ts';
import { newPlace } from '../assembled-server.ts';

const root = join(import.meta.dirname, '../..');

/** Opens a server in a process of its own, asks for a check and answers which modules were read. */
async function modulesOf(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const place = await newPlace();
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const { assemble } = await import('./server/src/assemble.ts');
    const { loadConfig } = await import('./server/src/config/config.ts');
    const config = loadConfig({ 'logLevel': 'silent' }, process.env, ${JSON.stringify(place.folder)});
    const server = await assemble(config, { demo: true });
    const url = await server.listen();
    const { status } = await fetch(url + '/v1/check', { headers: { authorization: 'Bearer kw_nobody' } });
    if (status !== 401) throw new Error('It answered ' + status);
    await server.close();
    console.log(JSON.stringify(loaded));
  `;
  const { PATH } = process.env;
  const env = { PATH, ...place.environment, ...environment };
  const args = [
    '--conditions=keyward-source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    script,
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env, maxBuffer: 10_000_000 });
    return JSON.parse(stdout);
  } finally {
    place.remove();
  }
}

const isTelemetry = (url: string) => /server\/src\/telemetry\/|opentelemetry/.test(url);

test('no module of telemetry is read unless a collector is set', async () => {
  const nobody = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_METRICS_EXPORTER: 'none' };
  const [off = [], disabled = [], on = []] = await Promise.all([
    modulesOf({ OTEL_SERVICE_NAME: 'keyward' }),
    modulesOf({ ...nobody, OTEL_SDK_DISABLED: 'true' }),
    modulesOf(nobody),
  ]);
  expect(off.length).toBeGreaterThan(100);
  expect([...off, ...disabled].filter(isTelemetry)).toEqual([]);
  // The look would find them.
  expect(on.filter(isTelemetry).some((url) => url.endsWith('/telemetry/open.ts'))).toBe(true);
});

describe.each([true, false])('with fastPath: %s', (fastPath) => {
  test('nothing of it is on the way of a check', async () => {
    let stack = '';
    const core = stubCore({
      verify: () => {
        stack = new Error('to see who calls').stack ?? '';
        return { allowed: false, reason: 'unknown' };
      },
    });
    Error.stackTraceLimit = 100;
    const app = await start({ dialects: [native], core, fastPath });
    try {
      await fetch(`${app.url}/v1/check`, { headers: { authorization: 'Bearer x' } });
    } finally {
      await app.close();
      Error.stackTraceLimit = 10;
    }
    expect(stack).toContain('/server/src/');
    expect(stack).not.toMatch(/http\/tracing\/|server\/src\/telemetry\//);
  });
});

test('what a caller says of its trace reaches the upstream as it is', async () => {
  let seen: IncomingHttpHeaders = {};
  const upstream = createServer((request, response) => {
    seen = request.headers;
    response.end('{}');
  });
  await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const route = { path: '/open', methods: ['GET'], permissions: [], credential: 'none', dialect: null } as const;
  const app = await start({ dialects: [native], guarded: [{ ...route, upstream: address }] });
  try {
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
    expect((await fetch(`${app.url}/open`, { headers })).status).toBe(200);
    expect(seen).toMatchObject(headers);
  } finally {
    await app.close();
    upstream.closeAllConnections();
    upstream.close();
  }
});
