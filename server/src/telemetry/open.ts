// Traces and metrics of a running server, sent to a collector. Loaded only where one is set: without that no file of this room
// is read, and requests are answered by the same functions as ever.

import { randomUUID } from 'node:crypto';
import about from '../../package.json' with { type: 'json' };
import type { TelemetryConfig } from '../config/telemetry-settings.ts';
import type { Logger } from '../http/log.ts';
import { histogram } from '../http/metrics/exposition.ts';
import { joinPages } from '../http/metrics/pages.ts';
import type { Tracer } from '../http/tracing/tracer.ts';
import { createExporter } from './exporter.ts';
import { metricsOf } from './metrics.ts';
import { metricsBody } from './otlp.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { samplerOf } from './sampling.ts';
import { createSpanQueue } from './span-queue.ts';
import { statementNames } from './statements.ts';

export interface TelemetryOptions {
  logger: Logger;
  database: 'sqlite' | 'postgresql';
  /** Of a server with several. */
  worker?: number | undefined;
}

export interface Telemetry {
  tracer: Tracer;
  bound: Recorder['bound'];
  /** Told of each statement when it has ended. */
  statement(sql: string, ms: number, error?: unknown): void;
  /** Sends what `page` says, in Prometheus' text format, from now on. */
  sendMetrics(page: () => Promise<string>): void;
  /** Sends what is there, once. */
  close(): Promise<void>;
}

/** As the semantic conventions advise for `http.server.request.duration`, in seconds. */
const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const durationLabels = ['http.request.method', 'http.route', 'http.response.status_code', 'url.scheme'] as const;
/** More kinds of answers than these are counted as one (SDK specification, "Overflow attribute"). */
const mostDurations = 2000;

export function openTelemetry(config: TelemetryConfig, options: TelemetryOptions): Telemetry {
  const { logger, database, worker } = options;
  const { headers, timeoutMs } = config;
  const exporterTo = (url: string) => createExporter({ url, headers, timeoutMs, logger });
  const resource = {
    'service.instance.id': randomUUID(),
    'service.version': about.version,
    ...config.resource,
    ...(worker !== undefined && { 'keyward.worker': String(worker) }),
  };
  const queue =
    config.traces === null ? null : createSpanQueue(exporterTo(config.traces), resource, config.spansEveryMs);
  const durations = config.metrics === null ? null : requestDurations();
  const recorder = createRecorder({
    sample: samplerOf(config.sampler, config.samplerRatio),
    record: queue?.add ?? null,
    answered: durations?.answered,
  });
  const nameOf = statementNames(database);
  let stopMetrics = async () => {};
  return {
    tracer: recorder,
    bound: recorder.bound,
    statement(sql, ms, error) {
      const { name, attributes } = nameOf(sql);
      recorder.statement(name, attributes, ms, error === undefined ? undefined : codeOf(error));
    },
    sendMetrics(page) {
      if (config.metrics === null || durations === null) return;
      const exporter = exporterTo(config.metrics);
      const startedAt = performance.timeOrigin;
      let isSending = false;
      const send = async (isLast: boolean) => {
        if (isSending) return;
        isSending = true;
        try {
          const all = `${await page()}${durations.text()}`;
          const text = worker === undefined ? all : joinPages([{ worker, text: all }]);
          await exporter.send(metricsBody(resource, metricsOf(text, startedAt, Date.now())), isLast);
        } finally {
          isSending = false;
        }
      };
      const failed = (error: unknown) => logger.warn({ err: error }, 'metrics could not be read');
      const timer = setInterval(() => void send(false).catch(failed), config.metricsEveryMs).unref();
      stopMetrics = async () => {
        clearInterval(timer);
        await send(true).catch(failed);
      };
    },
    async close() {
      await Promise.race([Promise.all([stopMetrics(), queue?.close()]), atMost(Math.min(timeoutMs, longestGoodbye))]);
      const dropped = queue?.dropped() ?? 0;
      if (dropped > 0) logger.warn({ dropped }, 'spans were dropped');
    },
  };
}

/** What a stop waits for a collector, in milliseconds. */
const longestGoodbye = 2000;

function requestDurations() {
  const name = 'http.server.request.duration';
  const family = histogram(name, 'Duration of HTTP server requests.', durationLabels, durationBounds);
  const known = new Set<string>();
  return {
    answered(attributes: Readonly<Record<string, string | number>>, seconds: number) {
      const values = durationLabels.map((label) => String(attributes[label] ?? ''));
      const key = values.join('\n');
      if (known.size < mostDurations) known.add(key);
      family.series(...(known.has(key) ? values : ['_OTHER', '', '', ''])).add(seconds);
    },
    text: () => family.text(),
  };
}

/** The database's own code: its message may repeat values. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '_OTHER';
}

function atMost(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
