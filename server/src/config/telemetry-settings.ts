// The settings of traces and metrics that are sent to an OpenTelemetry collector, under the names that OpenTelemetry gives them
// in the environment. Nothing is sent unless an endpoint is set.

import * as read from './value.ts';

/** What is sent where. Null means that it is not. */
export interface TelemetryConfig {
  /** Where spans go, and where metrics go: whole addresses. */
  readonly traces: string | null;
  readonly metrics: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly sampler: Sampler;
  /** From 0 to 1, for the samplers by ratio. */
  readonly samplerRatio: number;
  /** What the server is called, and what else is said of it. */
  readonly resource: Readonly<Record<string, string>>;
  readonly spansEveryMs: number;
  readonly metricsEveryMs: number;
  readonly timeoutMs: number;
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type Sampler = (typeof samplers)[number];

export const telemetrySettings = {
  'telemetry.endpoint': {
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    flag: null,
    fallback: null,
    hidden: true as const,
    read: read.orNull(endpoint),
    help: 'where a collector takes OTLP over HTTP, such as http://127.0.0.1:4318; without one nothing is sent',
  },
  'telemetry.tracesEndpoint': {
    env: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    flag: null,
    fallback: null,
    hidden: true as const,
    read: read.orNull(endpoint),
    help: 'the whole address for traces, where it is not <endpoint>/v1/traces',
  },
  'telemetry.metricsEndpoint': {
    env: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    flag: null,
    fallback: null,
    hidden: true as const,
    read: read.orNull(endpoint),
    help: 'the whole address for metrics, where it is not <endpoint>/v1/metrics',
  },
  'telemetry.headers': {
    env: 'OTEL_EXPORTER_OTLP_HEADERS',
    flag: null,
    environmentOnly: true as const,
    hidden: true as const,
    fallback: '',
    read: headers,
    help: 'headers of each export, such as Authorization=Basic%20…, separated by commas',
  },
  'telemetry.protocol': {
    env: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    flag: null,
    fallback: 'http/json',
    read: oneOf('http/json'),
    help: 'http/json, the one protocol that is spoken',
  },
  'telemetry.traces': {
    env: 'OTEL_TRACES_EXPORTER',
    flag: null,
    fallback: 'otlp',
    read: oneOf('otlp', 'none'),
    help: 'otlp or none: whether traces are sent',
  },
  'telemetry.metrics': {
    env: 'OTEL_METRICS_EXPORTER',
    flag: null,
    fallback: 'otlp',
    read: oneOf('otlp', 'none'),
    help: 'otlp or none: whether metrics are sent',
  },
  'telemetry.sampler': {
    env: 'OTEL_TRACES_SAMPLER',
    flag: null,
    fallback: 'parentbased_always_on',
    read: oneOf(...samplers),
    help: `which traces are sent: ${samplers.join(', ')}`,
  },
  'telemetry.samplerRatio': {
    env: 'OTEL_TRACES_SAMPLER_ARG',
    flag: null,
    fallback: 1,
    read: read.share,
    help: 'the share of traces that the samplers by ratio choose, from 0 to 1',
  },
  'telemetry.serviceName': {
    env: 'OTEL_SERVICE_NAME',
    flag: null,
    fallback: null,
    read: read.orNull(read.text),
    help: 'what the server is called in traces and metrics; default: keyward',
  },
  'telemetry.resource': {
    env: 'OTEL_RESOURCE_ATTRIBUTES',
    flag: null,
    fallback: '',
    read: pairs,
    help: 'what else is said of it, such as deployment.environment.name=production, separated by commas',
  },
  'telemetry.spansEveryMs': {
    env: 'OTEL_BSP_SCHEDULE_DELAY',
    flag: null,
    fallback: 5000,
    read: read.count,
    help: 'milliseconds that spans wait for others before they are sent',
  },
  'telemetry.metricsEveryMs': {
    env: 'OTEL_METRIC_EXPORT_INTERVAL',
    flag: null,
    fallback: 60_000,
    read: read.count,
    help: 'milliseconds between two exports of metrics',
  },
  'telemetry.timeoutMs': {
    env: 'OTEL_EXPORTER_OTLP_TIMEOUT',
    flag: null,
    fallback: 10_000,
    read: read.count,
    help: 'milliseconds that a collector has to take an export',
  },
  'telemetry.disabled': {
    env: 'OTEL_SDK_DISABLED',
    flag: null,
    fallback: false,
    read: read.yesOrNo,
    help: 'true sends nothing, whatever else is set',
  },
};

type Values = { [K in keyof typeof telemetrySettings]: ReturnType<(typeof telemetrySettings)[K]['read']> };

/** A signal's own endpoint stands as it is; the common one is put before the signal's path (OTLP exporter specification). */
export function telemetryOf(values: Values): TelemetryConfig {
  const base = values['telemetry.endpoint'];
  const isOff = values['telemetry.disabled'];
  const to = (signal: 'traces' | 'metrics'): string | null => {
    if (isOff || values[`telemetry.${signal}`] === 'none') return null;
    const common = base === null ? null : `${base.replace(/\/$/, '')}/v1/${signal}`;
    return values[`telemetry.${signal}Endpoint`] ?? common;
  };
  const name = values['telemetry.serviceName'];
  return {
    traces: to('traces'),
    metrics: to('metrics'),
    headers: values['telemetry.headers'],
    sampler: values['telemetry.sampler'],
    samplerRatio: values['telemetry.samplerRatio'],
    resource: {
      'service.name': 'keyward',
      ...values['telemetry.resource'],
      ...(name !== null && { 'service.name': name }),
    },
    spansEveryMs: values['telemetry.spansEveryMs'],
    metricsEveryMs: values['telemetry.metricsEveryMs'],
    timeoutMs: values['telemetry.timeoutMs'],
  };
}

function endpoint(value: unknown): string {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.hash === '';
  if (!isPlain) throw new Error('must be an address such as http://127.0.0.1:4318');
  if (url.username === '' && url.password === '') return url.href;
  throw new Error('must hold no name and no password: OTEL_EXPORTER_OTLP_HEADERS is for what a collector asks for');
}

function oneOf<T extends string>(...words: readonly T[]): (value: unknown) => T {
  return (value) => {
    const word = words.find((one) => one === value);
    if (word !== undefined) return word;
    throw new Error(words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.join(', ')}`);
  };
}

/** `name=value,…`, percent-encoded as W3C Baggage is; in the file a map does as well. */
function pairs(value: unknown): Readonly<Record<string, string>> {
  if (read.isMap(value)) {
    if (Object.values(value).every((one) => typeof one === 'string')) return value as Record<string, string>;
    throw new Error('must give text to each name');
  }
  return Object.fromEntries(
    read.words(value).map((pair) => {
      const [, name = '', text = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(pair) ?? [];
      if (name === '') throw new Error('must be pairs such as name=value, separated by commas');
      return [decoded(name), decoded(text)];
    }),
  );
}

function headers(value: unknown): Readonly<Record<string, string>> {
  const given = Object.entries(pairs(value));
  const isSendable = ([name, text]: [string, string]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(text);
  if (given.every(isSendable)) return Object.fromEntries(given);
  throw new Error('must be headers that can be sent, such as Authorization=Bearer%20…, separated by commas');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('has a % that begins no percent-encoding: write % itself as %25');
  }
}
