// Spans that wait to be sent, in batches. It holds so many and no more: what comes while it is full is dropped.

import type { Exporter } from './exporter.ts';
import { tracesBody } from './otlp.ts';

export interface SpanQueue {
  add(span: object): void;
  /** Spans that found no room, or that no collector took. */
  dropped(): number;
  /** Sends what is there, once. */
  close(): Promise<void>;
}

/** As OpenTelemetry's batch processor has them. */
const most = 2048;
const batchSize = 512;

export function createSpanQueue(
  exporter: Exporter,
  resource: Readonly<Record<string, string>>,
  delayMs: number,
): SpanQueue {
  let waiting: object[] = [];
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let dropped = 0;
  let isClosed = false;

  const send = async (isLast: boolean): Promise<void> => {
    const batch = waiting.slice(0, batchSize);
    waiting = waiting.slice(batchSize);
    if (!(await exporter.send(tracesBody(resource, batch), isLast))) dropped += batch.length;
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= send(false).finally(() => {
      sending = undefined;
      if (waiting.length > 0 && !isClosed) schedule();
    });
  };

  const schedule = (): void => {
    if (waiting.length >= batchSize) flush();
    else timer ??= setTimeout(flush, delayMs).unref();
  };

  return {
    add(span) {
      if (isClosed || waiting.length >= most) {
        dropped += 1;
        return;
      }
      waiting.push(span);
      if (sending === undefined) schedule();
    },
    dropped: () => dropped,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      while (waiting.length > 0) await send(true);
    },
  };
}
