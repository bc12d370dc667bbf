// Tells of calls that could not be answered because something is away: of each cause in words once, then how many more
// there were in each while, so that an upstream that is down does not fill the log. The database has a log of its own.

import type { FastifyBaseLogger } from 'fastify';
import type { KeywardError } from '../core/errors.ts';

/** Tells of a database that is away once, however often it is missed. */
export interface Outages {
  failed(error: unknown): void;
}

/** The call that failed, as a line names it. */
interface FailedCall {
  readonly id: string;
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
}

export interface UnavailableLog {
  failed(failure: KeywardError, call: FailedCall): void;
  /** Tells what is still untold, and stops counting. */
  close(): void;
}

export interface UnavailableLogOptions {
  log: Pick<FastifyBaseLogger, 'warn'>;
  /** Told of what the database's absence costs; without it that is a cause like others. */
  outages?: Outages | undefined;
  /** How long is counted before a line; 10 s unless told. */
  everyMs?: number;
}

/** What is counted of one cause. */
interface Count {
  about: { upstream?: string | undefined; route?: string | undefined };
  calls: number;
  timer: NodeJS.Timeout;
}

/** Causes that are told apart; there are as many as upstreams and a few more. */
const mostCauses = 1000;

export function createUnavailableLog({ log, outages, everyMs = 10_000 }: UnavailableLogOptions): UnavailableLog {
  const counts = new Map<string, Count>();

  function tellCount(cause: string): void {
    const count = counts.get(cause);
    if (count === undefined) return;
    if (count.calls === 0) {
      clearInterval(count.timer);
      counts.delete(cause);
      return;
    }
    log.warn({ ...count.about, cause, calls: count.calls, ms: everyMs }, 'more calls failed by the same cause');
    count.calls = 0;
  }

  return {
    failed(failure, { id: reqId, method, routeOptions: { url: route } }) {
      if (outages !== undefined && failure.detail.isDatabaseAway === true) {
        outages.failed(failure);
        return;
      }
      const { upstream } = failure.detail;
      const cause = causeOf(failure);
      const known = counts.get(cause);
      if (known !== undefined) {
        known.calls += 1;
        return;
      }
      const about = upstream === undefined ? { route } : { upstream };
      if (counts.size < mostCauses) {
        const timer = setInterval(() => tellCount(cause), everyMs).unref();
        counts.set(cause, { about, calls: 0, timer });
      }
      log.warn(
        { reqId, method, route, upstream, cause },
        'a call could not be answered; more of the same cause are counted',
      );
    },
    close() {
      for (const cause of counts.keys()) tellCount(cause);
      for (const { timer } of counts.values()) clearInterval(timer);
      counts.clear();
    },
  };
}

/** In words, without a stack: nothing of it is a fault of this program. */
function causeOf({ message, detail: { upstream, cause } }: KeywardError): string {
  const why = wordsOf(cause);
  return [upstream, message, why].filter((part) => part !== undefined && part !== '').join(' ');
}

/** Of a host with several addresses there is an error for each. */
function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(wordsOf).join(', ');
  if (!(cause instanceof Error)) return '';
  const { code } = cause as NodeJS.ErrnoException;
  return code === undefined || cause.message.includes(code) ? cause.message : `${cause.message} (${code})`;
}
