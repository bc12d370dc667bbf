// A collector as small as can be: takes OTLP in JSON over HTTP and keeps what it was sent. For tests only.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Values = Record<string, string | number>;

export interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  /** 2 is an error. */
  status?: { code: number };
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Values;
  resource: Values;
}

export interface SentMetric {
  name: string;
  unit?: string;
  sum?: { isMonotonic: boolean; aggregationTemporality: number };
  points: ({ asDouble?: number; count?: string; sum?: number; bucketCounts?: string[]; explicitBounds?: number[] } & {
    attributes: Values;
  })[];
  resource: Values;
}

export interface Collector {
  url: string;
  spans(): SentSpan[];
  metrics(): SentMetric[];
  /** All that came, as it came. */
  received(): string;
  requests(): { path: string; headers: NodeJS.Dict<string | string[]> }[];
  /** What it answers from now on; 200 unless told. */
  answer(status: number): void;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: SentSpan[] = [];
  const metrics: SentMetric[] = [];
  const requests: ReturnType<Collector['requests']> = [];
  let received = '';
  let status = 200;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers });
      received += text;
      if (status === 200) {
        const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(text);
        spans.push(...resourceSpans.flatMap(spansIn));
        metrics.push(...resourceMetrics.flatMap(metricsIn));
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    metrics: () => metrics,
    received: () => received,
    requests: () => requests,
    answer: (given) => {
      status = given;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came, which the tests hold against what they expect.
type Json = any;

function spansIn({ resource, scopeSpans }: Json): SentSpan[] {
  const about = valuesOf(resource.attributes);
  const all = scopeSpans.flatMap(({ spans }: Json) => spans);
  return all.map((span: Json) => ({ ...span, attributes: valuesOf(span.attributes), resource: about }));
}

function metricsIn({ resource, scopeMetrics }: Json): SentMetric[] {
  const about = valuesOf(resource.attributes);
  return scopeMetrics.flatMap(({ metrics }: Json) =>
    metrics.map((metric: Json) => {
      const { dataPoints } = metric.sum ?? metric.gauge ?? metric.histogram;
      const points = dataPoints.map((point: Json) => ({ ...point, attributes: valuesOf(point.attributes) }));
      return { ...metric, points, resource: about };
    }),
  );
}

function valuesOf(attributes: Json[]): Values {
  const read = ({ stringValue, intValue, doubleValue }: Json) => stringValue ?? doubleValue ?? Number(intValue);
  return Object.fromEntries(attributes.map(({ key, value }) => [key, read(value)]));
}
