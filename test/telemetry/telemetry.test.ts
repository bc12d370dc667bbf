// Traces and metrics as a collector gets them from a whole server: what is recorded of a call, in whose trace, and that none of
// it is a secret, a query or an e-mail. That nothing of this is there when it is off is in off.test.ts.

import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Server } from '../../server/src/assemble.ts';
import { addOrganization, assembleAt, createTestLog, newPlace, register, type TestPlace } from '../assembled-server.ts';
import { createCanaries } from '../secrets/canaries.ts';
import { type Collector, type SentSpan, startCollector } from './collector.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentId}-01`;

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let place: TestPlace;
  let collector: Collector;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let server: Server;
  let url: string;
  let token: string;
  let owner: { email: string; password: string };
  const log = createTestLog('info');

  beforeAll(async () => {
    [place, collector, upstream] = await Promise.all([newPlace(database), startCollector(), startUpstream()]);
    const route = { methods: ['GET'], permissions: ['read:items'], dialect: null, upstream: upstream.url } as const;
    server = await assembleAt({
      place,
      logger: log.logger,
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
        OTEL_BSP_SCHEDULE_DELAY: '20',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        KEYWARD_REQUEST_LOG: 'true',
      },
      routes: [{ ...route, path: '/items/:id' }],
    });
    url = await server.listen();
    await register(server, 'read:items');
    owner = await addOrganization(server, { name: 'acme', isOperator: true });
    const { accessToken } = await post('/v1/login', { email: owner.email, password: owner.password });
    const wanted = { name: 'caller', permissions: ['read:items'], use: 'direct' };
    token = (await post('/v1/tokens', wanted, accessToken)).secret;
  });
  beforeEach(() => {
    collector.spans().length = 0;
  });
  afterAll(async () => {
    await server?.close();
    await Promise.all([collector?.close(), upstream?.close()]);
    place?.remove();
  });

  async function post(path: string, body: object, bearer?: string): Promise<{ accessToken: string; secret: string }> {
    const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as { accessToken: string; secret: string };
  }
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers: { authorization: `Bearer ${token}`, ...headers } });
  /** The span that all of a trace's others have come before. */
  const sent = async (name: string, inTrace?: string): Promise<SentSpan> => {
    const find = () =>
      collector.spans().find((span) => span.name === name && (inTrace ?? span.traceId) === span.traceId);
    await expect.poll(find).toBeDefined();
    return find() as SentSpan;
  };

  test('a check is a span of the request, in the trace of its caller, with the verdict in it', async () => {
    expect((await ask('/v1/check', { traceparent })).status).toBe(200);
    const answered = await sent('GET /v1/check', traceId);
    expect(answered).toMatchObject({ kind: 2, parentSpanId: parentId });
    expect(answered.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/v1/check',
      'http.response.status_code': 200,
      'url.scheme': 'http',
    });
    const check = await sent('check', traceId);
    expect(check).toMatchObject({ kind: 1, parentSpanId: answered.spanId });
    expect(check.attributes).toEqual({ 'keyward.way': 'check', 'keyward.reason': 'allowed' });
    expect(answered.resource).toMatchObject({ 'service.name': 'keyward', 'deployment.environment.name': 'test' });
    expect(Number(BigInt(answered.endTimeUnixNano) - BigInt(answered.startTimeUnixNano))).toBeGreaterThanOrEqual(0);
    expect(collector.requests()[0]?.headers).toMatchObject({ 'x-tenant': 'a b', 'content-type': 'application/json' });
  });

  test('a call without a trace begins one, and so does one whose trace is not valid', async () => {
    const wrong = ['', 'x', `ff-${traceId}-${parentId}-01`, `00-${'0'.repeat(32)}-${parentId}-01`, `${traceparent}-x`];
    for (const given of wrong) {
      collector.spans().length = 0;
      await ask('/v1/check', { traceparent: given, tracestate: 'a=b' });
      const { parentSpanId, traceId: begun } = await sent('GET /v1/check');
      expect([parentSpanId, begun === traceId]).toEqual([undefined, false]);
    }
  });

  test('the gateway passes the trace on: the upstream’s parent is the span of the call to it', async () => {
    const state = 'vendor=1,other=2';
    expect((await ask('/items/7?q=1', { traceparent, tracestate: state })).status).toBe(200);
    const answered = await sent('GET /items/:id', traceId);
    const call = await sent('GET', traceId);
    expect(call).toMatchObject({ kind: 3, parentSpanId: answered.spanId });
    expect(call.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(upstream.url).port),
      'url.scheme': 'http',
    });
    expect(upstream.last()).toMatchObject({
      traceparent: `00-${traceId}-${call.spanId}-01`,
      tracestate: state,
    });
    expect((await sent('check', traceId)).attributes).toMatchObject({ 'keyward.way': 'gateway' });
  });

  test('a WebSocket is a request that was answered with 101, and its upstream is told of the trace', async () => {
    const { hostname, port } = new URL(url);
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const headers = { ...upgrade, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', traceparent };
    const asked = request({
      hostname,
      port,
      path: '/items/8',
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
    const opened = new Promise<Socket>((resolve, reject) => {
      asked.once('upgrade', (_answer, socket) => resolve(socket));
      asked.once('response', ({ statusCode }) => reject(new Error(`It answered ${statusCode}.`)));
    });
    asked.end();
    (await opened).destroy();
    const handshake = await sent('GET /items/:id', traceId);
    expect(handshake.attributes).toMatchObject({ 'http.response.status_code': 101 });
    const call = await sent('GET', traceId);
    expect(call).toMatchObject({ kind: 3, parentSpanId: handshake.spanId });
    expect(upstream.last().traceparent).toBe(`00-${traceId}-${call.spanId}-01`);
  });

  test('a trace that its caller does not record is passed on as such, and no span of it is sent', async () => {
    await ask('/items/7', { traceparent: `00-${traceId}-${parentId}-00` });
    expect(upstream.last().traceparent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-00$`));
    await ask('/v1/check');
    const { traceId: later } = await sent('GET /v1/check');
    expect(collector.spans().filter((span) => span.traceId !== later)).toEqual([]);
  });

  test('a sign-in is an exchange; the statements that it asks of the database are spans within it, without their text', async () => {
    const headers = { 'content-type': 'application/json', traceparent };
    const body = JSON.stringify({ email: owner.email, password: owner.password });
    const login = await fetch(`${url}/v1/login`, { method: 'POST', headers, body });
    expect(login.status).toBe(200);
    const answered = await sent('POST /v1/login', traceId);
    const exchange = await sent('exchange', traceId);
    expect(exchange).toMatchObject({
      parentSpanId: answered.spanId,
      attributes: { 'keyward.dialect': 'native', 'keyward.reason': 'allowed' },
    });
    const system = database === 'sqlite' ? 'sqlite' : 'postgresql';
    const statement = await sent('SELECT users', traceId);
    expect(statement.kind).toBe(3);
    expect(statement.attributes).toEqual({
      'db.system.name': system,
      'db.operation.name': 'SELECT',
      'db.collection.name': 'users',
    });
    // What a change writes is in the trace of the request that asked for it.
    expect((await sent('INSERT journal', traceId)).traceId).toBe(traceId);
  });

  test('refusals and failures say so: the reason of a refusal, and what kind of error there was', async () => {
    await fetch(`${url}/v1/check`, { headers: { authorization: 'Bearer kw_nobody', traceparent } });
    expect((await sent('check', traceId)).attributes).toMatchObject({ 'keyward.reason': 'unknown' });
    expect((await sent('GET /v1/check', traceId)).status).toBeUndefined();
    collector.spans().length = 0;
    upstream.breakOnce();
    expect((await ask('/items/7', { traceparent })).status).toBe(503);
    expect(await sent('GET', traceId)).toMatchObject({ kind: 3, status: { code: 2 } });
    const answered = await sent('GET /items/:id', traceId);
    expect(answered).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': '503' } });
  });

  test('metrics come under the names that /metrics has, and requests under that of the semantic conventions', async () => {
    await ask('/v1/check');
    const find = (name: string) => collector.metrics().findLast((metric) => metric.name === name);
    const verdicts = () =>
      find('keyward_verdicts_total')?.points.find(({ attributes }) => attributes.way === 'check')?.asDouble;
    await expect.poll(verdicts).toBeGreaterThan(0);
    expect(find('keyward_verdicts_total')?.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2 });
    const page = await (await fetch(`${url}/metrics`)).text();
    const named = [...page.matchAll(/^# TYPE (keyward_\S+)/gm)].map(([, name = '']) => name);
    const withPoints = named.filter((name) => new RegExp(`^${name}(_bucket|[ {])`, 'm').test(page));
    await expect.poll(() => withPoints.filter((name) => find(name) === undefined)).toEqual([]);
    const duration = find('http.server.request.duration');
    expect(duration?.unit).toBe('s');
    const ofChecks = duration?.points.find(({ attributes }) => attributes['http.route'] === '/v1/check');
    expect(ofChecks?.attributes).toMatchObject({ 'http.request.method': 'GET', 'http.response.status_code': 200 });
    expect(ofChecks?.bucketCounts?.length).toBe((ofChecks?.explicitBounds?.length ?? 0) + 1);
    const sum = ofChecks?.bucketCounts?.reduce((all, one) => all + Number(one), 0);
    expect(sum).toBe(Number(ofChecks?.count));
  });

  test('no span, metric or line of the log holds a secret, a query or an e-mail, wherever a client puts it [S124]', async () => {
    const canary = 'hunter2canary';
    const odd = {
      traceparent: `00-${canary}`,
      tracestate: `a=${canary}`,
      'user-agent': canary,
      cookie: `keyward=${canary}`,
      baggage: `a=${canary}`,
      'x-forwarded-for': canary,
    };
    const bearer = `kw_${canary}`;
    for (const path of ['/v1/check', '/items', `/${canary}`, '/v1/tokens', '/metrics', '/v1/organizations']) {
      await ask(`${path}/${canary}?apiToken=${canary}&email=ann@example.com`, odd);
      await ask(`${path}?q=${canary}`, odd);
      await ask(path, { ...odd, authorization: `Bearer ${bearer}` });
      await fetch(url + path, { method: 'POST', headers: odd, body: JSON.stringify({ password: canary }) });
    }
    await fetch(url, { method: 'PROPFIND', headers: odd });
    await post('/v1/login', { email: `${canary}@example.com`, password: canary });
    await ask(`/items/${canary}`, { tracestate: `a=${canary}`, traceparent });
    expect(upstream.last().tracestate).toBe(`a=${canary}`);
    await sent('GET /items/:id', traceId);
    const lines = log
      .text()
      .split('\n')
      .filter((line) => !line.includes('a sign-in failed'));
    expect(lines.length).toBeGreaterThan(20);
    const canaries = createCanaries();
    canaries.keep('what a client sent', canary);
    canaries.keep('API token', token);
    canaries.keep('password', owner.password);
    expect(canaries.foundIn(`a ${Buffer.from(canary).toString('base64')} b`)).toEqual(['what a client sent']);
    const forbidden = ['?q=', '@example.com', '@acme.example', 'select \\"', 'insert into'];
    for (const text of [collector.received(), lines.join('\n')]) {
      expect(canaries.foundIn(text)).toEqual([]);
      expect(forbidden.filter((one) => text.includes(one))).toEqual([]);
    }
  });

  test('a line of the request log names the trace that the request belongs to', async () => {
    const traces = ['1', '2', '3', '4'].map((digit) => digit.repeat(32));
    const paths = ['/v1/check', '/items/1', '/items/2', '/v1/check?cost=1'];
    for (const [at, path] of paths.entries()) {
      await ask(path, { traceparent: `00-${traces[at]}-${parentId}-01`, 'x-request-id': `line-${at}` });
    }
    const line = (id: string) =>
      log
        .text()
        .split('\n')
        .find((one) => one.includes(`"${id}"`) && one.includes('answered'));
    for (const at of paths.keys()) await expect.poll(() => line(`line-${at}`)).toContain(`"traceId":"${traces[at]}"`);
  });

  test('a collector that answers nothing good costs spans and nothing else, and is told of once [S125]', async () => {
    collector.answer(400);
    const told = () => log.text().split('telemetry could not be sent').length - 1;
    for (let n = 0; n < 5; n += 1) expect((await ask('/v1/check')).status).toBe(200);
    await expect.poll(told).toBeGreaterThan(0);
    const before = collector.requests().length;
    await ask('/v1/check');
    await expect.poll(() => collector.requests().length).toBeGreaterThan(before + 2);
    // One line for traces, and one for metrics.
    expect(told()).toBeLessThanOrEqual(2);
    collector.answer(200);
    await ask('/v1/check');
    await expect.poll(() => log.text()).toContain('telemetry is sent again');
  });
});

/** Answers what it is asked, and remembers with which headers. */
async function startUpstream() {
  let last: IncomingHttpHeaders = {};
  let breaks = false;
  const server = createServer((request, response) => {
    last = request.headers;
    if (breaks) request.socket.destroy();
    else response.end('{}');
    breaks = false;
  });
  const sockets = new Set<Duplex>();
  server.on('upgrade', ({ headers }, socket: Duplex) => {
    last = headers;
    sockets.add(socket.on('error', () => {}));
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    last: () => last,
    breakOnce: () => {
      breaks = true;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
