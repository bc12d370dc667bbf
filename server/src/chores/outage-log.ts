// Tells of a database that is away once when it goes and once when it is back, with how often it was missed: chores that
// come round every few milliseconds, and requests, would else fill the log. What else goes wrong is logged each time.

import { KeywardError } from '../core/errors.ts';

export interface OutageLogOptions {
  /** Rejects while the database is away. */
  ping(): Promise<unknown>;
  /** Monotonic milliseconds. */
  now(): number;
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  /** How often it is asked for while it is away; 500 unless told. */
  everyMs?: number;
}

export interface OutageLog {
  /** Told of whatever a chore failed with, and of requests that missed the database. */
  failed(error: unknown): void;
  /** Stops asking. */
  close(): void;
}

/** Opens a log that has seen no outage yet. */
export function createOutageLog({ ping, now, log, everyMs = 500 }: OutageLogOptions): OutageLog {
  let outage: { since: number; failures: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function ask(): void {
    timer = setTimeout(async () => {
      const isBack = await ping().then(
        () => true,
        () => false,
      );
      if (closed) return;
      if (!isBack || outage === null) {
        ask();
        return;
      }
      const { since, failures } = outage;
      outage = null;
      log.info({ failures, ms: Math.round(now() - since) }, 'the database is back');
    }, everyMs);
    timer.unref();
  }

  return {
    failed(err) {
      if (!(err instanceof KeywardError && err.code === 'unavailable')) {
        log.warn({ err }, 'a chore failed and will be tried again');
        return;
      }
      if (outage !== null) {
        outage.failures += 1;
        return;
      }
      outage = { since: now(), failures: 1 };
      log.warn({ err }, 'the database is away; what fails because of it is counted until it is back');
      if (!closed) ask();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
