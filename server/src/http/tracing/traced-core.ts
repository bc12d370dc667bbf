// Spans of verdicts and exchanges: which way they were asked for and what came of them. Never who asked.

import type { Awaitable } from '../../core/awaitable.ts';
import type { Core } from '../../core/core.ts';
import type { Reason } from '../../core/errors.ts';
import type { Tracer } from './tracer.ts';

type Decision = { allowed: true } | { allowed: false; reason: Reason };

/** The same core, whose verdicts and exchanges are spans with the name of the way on which they are asked for. */
export function tracedCore(core: Core, way: string, tracer: Tracer): Core {
  const check = <Ask>(ask: Ask, on = way): Ask =>
    traced(tracer, 'check', { 'keyward.way': on }, ask as AnyAsk) as unknown as Ask;
  const exchange = <Ask>(ask: Ask): Ask =>
    traced(tracer, 'exchange', { 'keyward.dialect': way }, ask as AnyAsk) as unknown as Ask;
  return {
    ...core,
    inspect: check(core.inspect),
    recognise: check(core.recognise),
    verify: check(core.verify, way === 'native' ? 'check' : way),
    admit: check(core.admit),
    verdictFor: check(core.verdictFor, 'verify'),
    exchange: exchange(core.exchange),
    grantToClient: exchange(core.grantToClient),
    exchangeToken: exchange(core.exchangeToken),
  };
}

type AnyAsk = (...args: unknown[]) => Awaitable<Decision>;

function traced(tracer: Tracer, name: string, attributes: Record<string, string>, ask: AnyAsk): AnyAsk {
  return (...args) => {
    const span = tracer.start('internal', name, attributes);
    const told = (outcome: Decision) => {
      span.end({ attributes: { 'keyward.reason': outcome.allowed ? 'allowed' : outcome.reason } });
      return outcome;
    };
    const failed = (error: unknown): never => {
      span.end({ attributes: { 'keyward.reason': 'error' }, error: errorType(error) });
      throw error;
    };
    try {
      const outcome = tracer.within(span, () => ask(...args));
      return outcome instanceof Promise ? outcome.then(told, failed) : told(outcome);
    } catch (error) {
      return failed(error);
    }
  };
}

/** A code of ours or of the system, or the error's name: never its message, which may repeat what was sent. */
export function errorType(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && /^\w{1,60}$/.test(code)) return code;
  return error instanceof Error ? error.name : '_OTHER';
}
