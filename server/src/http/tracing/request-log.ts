// The line that a request leaves in the log, on whichever way it is answered. How many there are is bounded: a share of them,
// and so many in a second. It holds a pattern for a path, and neither a query nor a credential (S124).

import { boundedLines } from '../../core/bounded-lines.ts';
import type { Logger } from '../log.ts';

export interface RequestLogOptions {
  logger: Logger;
  /** At `info`, or else at `debug` only, where every request is told of. */
  isOn: boolean;
  /** From 0 to 1; answers of 500 and above are told of in any case. */
  share?: number;
  perSecond?: number;
  /** The trace that a request belongs to. */
  traceId?: (() => string | undefined) | undefined;
}

export interface AnsweredRequest {
  id: string;
  method: string;
  route: string | undefined;
  status: number;
  ms: number;
  address: string;
  refusalId: string | null;
  traceId: string | undefined;
}

export interface RequestLog {
  /** False while no request leaves a line, so that nobody need measure any; the level may change while the server runs. */
  isOn(): boolean;
  tell(request: AnsweredRequest): void;
  traceId(): string | undefined;
}

export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { logger, isOn, share = 1, perSecond = Number.POSITIVE_INFINITY } = options;
  const level = isOn ? 'info' : 'debug';
  const write = (line: object) => logger[level](line, 'answered');
  const bounded = isOn ? boundedLines(monotonic, write, { lines: perSecond, ms: 1000 }) : write;
  return {
    isOn: () => logger.isLevelEnabled(level),
    tell({ id, method, route, status, ms, address, refusalId, traceId }) {
      if (isOn && share < 1 && status < 500 && Math.random() >= share) return;
      const refusal = refusalId !== null && logger.isLevelEnabled('debug') ? { refusal: refusalId } : {};
      const trace = traceId === undefined ? {} : { traceId };
      bounded({ reqId: id, method, route, status, ms: Math.round(ms * 1000) / 1000, address, ...refusal, ...trace });
    },
    traceId: options.traceId ?? (() => undefined),
  };
}

const monotonic = () => performance.now();
