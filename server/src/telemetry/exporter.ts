// Sends what was gathered to a collector: one export at a time, in a time that is bounded, and tried again only as the protocol
// allows. Nobody waits for it, and what a collector does not take in time is dropped and counted.

import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Logger } from '../http/log.ts';

export interface ExporterOptions {
  /** The whole address. */
  url: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  logger: Pick<Logger, 'warn' | 'info'>;
  /** The first pause before it is tried again; doubled then. 1 s unless told. */
  pauseMs?: number;
}

export interface Exporter {
  /** Resolves with whether the collector took it; never rejects. `isLast`: it is tried once. */
  send(body: object, isLast?: boolean): Promise<boolean>;
}

const attempts = 4;

/** What a collector may ask to have again (OTLP, "Failures"). */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function createExporter({ url, headers, timeoutMs, logger, pauseMs = 1000 }: ExporterOptions): Exporter {
  const { origin } = new URL(url);
  let isDown = false;

  /** Tells of a collector that goes away once, and once when it is back. */
  const tell = (why: string | null): void => {
    if ((why !== null) === isDown) return;
    isDown = why !== null;
    if (why === null) logger.info({ collector: origin }, 'telemetry is sent again');
    else logger.warn({ collector: origin, cause: why }, 'telemetry could not be sent, and is dropped until it can be');
  };

  return {
    async send(body, isLast = false) {
      const text = JSON.stringify(body);
      for (let attempt = 1; ; attempt += 1) {
        const { status, error, retryAfterMs } = await post(url, headers, text, timeoutMs);
        if (status !== undefined && status < 300) {
          tell(null);
          return true;
        }
        const mayRetry = status === undefined || retryable.has(status);
        if (isLast || !mayRetry || attempt === attempts) {
          tell(error ?? `it answered ${status}`);
          return false;
        }
        await pause(Math.min(retryAfterMs ?? pauseMs * 2 ** (attempt - 1), longestPause));
      }
    },
  };
}

const longestPause = 30_000;

interface Posted {
  status?: number;
  error?: string;
  retryAfterMs?: number;
}

/** Redirects are not followed: the headers are for this collector. */
function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  text: string,
  timeoutMs: number,
): Promise<Posted> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const call = (url.startsWith('https:') ? overHttps : overHttp)(url, {
      method: 'POST',
      signal,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    });
    call.on('response', (answer: IncomingMessage) => {
      const seconds = Number(answer.headers['retry-after']);
      const status = answer.statusCode ?? 0;
      // What it says is of no interest, but the connection can be used again once it was said.
      answer.on('error', () => {}).resume();
      resolve(seconds > 0 ? { status, retryAfterMs: seconds * 1000 } : { status });
    });
    call.on('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.name }));
    call.end(text);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
