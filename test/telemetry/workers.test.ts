// Of a server with several workers each sends its own numbers, under its own name.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../server/src/config/config.ts';
import { createLogger } from '../../server/src/http/log.ts';
import { openTelemetry, type Telemetry } from '../../server/src/telemetry/open.ts';
import { type Collector, startCollector } from './collector.ts';

let collector: Collector;
const telemetries: Telemetry[] = [];

beforeAll(async () => {
  collector = await startCollector();
  const config = loadConfig({}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'auth' }, '/');
  for (const worker of [1, 2]) {
    const telemetry = openTelemetry(config.telemetry, { logger: createLogger('silent'), database: 'sqlite', worker });
    telemetry.sendMetrics(async () => '# HELP a_total A.\n# TYPE a_total counter\na_total{way="x"} 2\n');
    telemetry.tracer.start('server', 'GET', { 'http.request.method': 'GET' }, {}).end();
    telemetries.push(telemetry);
  }
});
afterAll(() => collector?.close());

test('metrics have the label worker, spans its number, and what waits is sent at the stop', async () => {
  expect([collector.spans(), collector.metrics()]).toEqual([[], []]);
  for (const telemetry of telemetries) await telemetry.close();
  const metrics = collector.metrics().filter(({ name }) => name === 'a_total');
  expect(metrics.map(({ points, resource }) => [points[0]?.attributes, resource['keyward.worker']])).toEqual([
    [{ worker: '1', way: 'x' }, '1'],
    [{ worker: '2', way: 'x' }, '2'],
  ]);
  expect(collector.spans().map(({ resource }) => [resource['service.name'], resource['keyward.worker']])).toEqual([
    ['auth', '1'],
    ['auth', '2'],
  ]);
  const instances = collector.spans().map(({ resource }) => resource['service.instance.id']);
  expect(new Set(instances).size).toBe(2);
});

test('a collector that does not answer holds up no stop for more than two seconds', async () => {
  const server = createServer(() => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const silent = loadConfig({}, { OTEL_EXPORTER_OTLP_ENDPOINT: url }, '/').telemetry;
  const telemetry = openTelemetry(silent, { logger: createLogger('silent'), database: 'sqlite' });
  telemetry.tracer.start('server', 'GET', {}, {}).end();
  telemetry.sendMetrics(async () => '');
  const began = performance.now();
  await telemetry.close();
  server.closeAllConnections();
  server.close();
  // The bound is two seconds; the rest is for a machine that is busy.
  expect(performance.now() - began).toBeLessThan(9_000);
});
