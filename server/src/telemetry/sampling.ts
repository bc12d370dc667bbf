// Which traces are recorded (OpenTelemetry SDK specification, "Built-in samplers").

import type { Sampler } from '../config/telemetry-settings.ts';
import type { TraceContext } from './trace-context.ts';

/** Decides for a trace that begins here, or goes on from its caller's. */
export type Sample = (traceId: string, caller: TraceContext | undefined) => boolean;

export function samplerOf(sampler: Sampler, ratio: number): Sample {
  const root: Sample = sampler.endsWith('ratio')
    ? (traceId) => isWithin(traceId, ratio)
    : () => sampler.endsWith('always_on');
  return sampler.startsWith('parentbased_') ? (traceId, caller) => caller?.isSampled ?? root(traceId, caller) : root;
}

/** By the random end of the id, so that every program that has this ratio chooses the same traces. */
function isWithin(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-13), 16) / 2 ** 52 >= 1 - ratio;
}
