// What operators watch, in Prometheus' text format: verdicts, how long they took, and how far revocations have come.
// Counts only: no label ever names an organization, a credential or an address.

import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Awaitable } from '../../core/awaitable.ts';
import { demandOperator } from '../../core/caller/caller.ts';
import type { WhenUnavailable } from '../../core/checking/limit.ts';
import type { Core } from '../../core/core.ts';
import type { Reason } from '../../core/errors.ts';
import { identify } from '../../dialects/dialect.ts';
import type { UnavailableRoute } from '../health.ts';
import { counter, histogram, reading, type Series } from './exposition.ts';
import { joinPages, type WorkerPage } from './pages.ts';

/** What is looked up when somebody asks for the metrics. */
export interface Readings {
  /** The newest entry of the journal that this node knows of. */
  journalHead(): number;
  isFresh(): boolean;
  /** Changes that wait for the writer. */
  writesWaiting(): number;
  lag(): { connected: number; behind: number };
  /** Records asked for, and how many of them the database was asked for. */
  lookups(): { all: number; database: number };
  /** Whether the store of limits does not answer, and how many calls each policy has decided because of that. */
  limits(): { isDown: boolean; decided: Readonly<Record<WhenUnavailable, number>> };
  /** Routes that lack the plan or the API that they name. */
  unavailableRoutes(): readonly UnavailableRoute[];
  /** Whether new settings were refused, and the old ones go on. */
  isReloadRefused(): boolean;
}

export interface Metrics {
  /** The same core; its verdicts and exchanges are counted under the name of the way on which they are asked for. */
  watch(core: Core, way: string): Core;
  /** A change was acknowledged by a verifier so long after this node heard of it. */
  effective(ms: number): void;
  text(): Promise<string>;
}

const verdictSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const effectiveSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

export function createMetrics(readings: Readings): Metrics {
  const verdicts = counter(
    'keyward_verdicts_total',
    'Verdicts by way and by reason; "allowed" for those that let a call in, "error" where none could be made.',
    ['way', 'reason'],
  );
  const seconds = histogram('keyward_verdict_seconds', 'How long a verdict took.', ['way'], verdictSeconds);
  const exchanges = counter(
    'keyward_exchanges_total',
    'Exchanges of a credential for an access token, by dialect and by reason, as for verdicts.',
    ['dialect', 'reason'],
  );
  const effective = histogram(
    'keyward_revocation_effective_seconds',
    "From a change on this node to a verifier's acknowledgement of it.",
    [],
    effectiveSeconds,
  );
  const all = [verdicts, seconds, exchanges, effective, ...readingsOf(readings)];

  return {
    watch(core, way) {
      const verdict = <Ask extends (...args: never[]) => Awaitable<Decision>>(ask: Ask, on = way) =>
        counted(ask, (reason) => verdicts.series(on, reason), seconds.series(on)) as Ask;
      const exchange = <Args extends unknown[], Outcome extends Decision>(ask: (...args: Args) => Awaitable<Outcome>) =>
        counted(ask, (reason) => exchanges.series(way, reason));
      return {
        ...core,
        inspect: verdict(core.inspect),
        recognise: verdict(core.recognise),
        verify: verdict(core.verify, way === 'native' ? 'check' : way),
        admit: verdict(core.admit),
        verdictFor: verdict(core.verdictFor, 'verify'),
        exchange: exchange(core.exchange) as Core['exchange'],
        grantToClient: exchange(core.grantToClient) as Core['grantToClient'],
        exchangeToken: exchange(core.exchangeToken) as Core['exchangeToken'],
      };
    },
    effective: (ms) => effective.series().add(ms / 1000),
    text: async () => [...all.map((metric) => metric.text()), await processText()].join(''),
  };
}

/**
 * The same metrics, whose text is that of all workers. `others` asks the others for theirs, of this number and of all alike.
 */
export function ofAllWorkers(metrics: Metrics, worker: number, others: () => Promise<readonly WorkerPage[]>): Metrics {
  return {
    ...metrics,
    text: async () => {
      const [text, pages] = await Promise.all([metrics.text(), others()]);
      return joinPages([{ worker, text }, ...pages].toSorted((one, other) => one.worker - other.worker));
    },
  };
}

/** Registers `GET /metrics`: for operators with `read:metrics`, wherever they call from, or for everyone if it `isOpen`. */
export function mountMetrics(scope: FastifyInstance, core: Core, metrics: Metrics, isOpen: boolean): void {
  scope.get('/metrics', async (request, reply) => {
    if (!isOpen) demandOperator(await identify(request, core), 'read:metrics');
    return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await metrics.text());
  });
}

function readingsOf({
  journalHead,
  isFresh,
  writesWaiting,
  lag,
  lookups,
  limits,
  unavailableRoutes,
  isReloadRefused,
}: Readings) {
  return [
    reading('gauge', 'keyward_journal_head', 'The newest entry of the journal that this node knows of.', journalHead),
    reading('gauge', 'keyward_journal_fresh', '1 while the journal is followed within its bound, else 0.', () =>
      Number(isFresh()),
    ),
    reading('gauge', 'keyward_writes_waiting', 'Changes that wait for the writer.', writesWaiting),
    reading('gauge', 'keyward_feed_followers', 'Who follows the feed through this node.', () => lag().connected),
    reading(
      'gauge',
      'keyward_feed_behind',
      'Entries that the slowest follower has not been told yet.',
      () => lag().behind,
    ),
    reading('counter', 'keyward_lookups_total', 'What checks looked up, by where the answer came from.', () => {
      const { all, database } = lookups();
      return { label: 'from', values: { memory: Math.max(0, all - database), database } };
    }),
    reading('gauge', 'keyward_limits_down', '1 while the store of limits does not answer, else 0.', () =>
      Number(limits().isDown),
    ),
    reading(
      'gauge',
      'keyward_reload_refused',
      '1 while the newest settings are refused and older ones go on, else 0.',
      () => Number(isReloadRefused()),
    ),
    reading(
      'gauge',
      'keyward_routes_unavailable',
      'Routes that answer 503, by the plan that they name and that does not exist.',
      () => ({ label: 'plan', values: lacking(unavailableRoutes(), 'plan') }),
    ),
    reading(
      'gauge',
      'keyward_routes_without_api',
      'Routes that answer 503, by the API that they name and that does not exist.',
      () => ({ label: 'api', values: lacking(unavailableRoutes(), 'api') }),
    ),
    reading('counter', 'keyward_limits_unavailable_total', "Calls that a plan's policy decided meanwhile.", () => ({
      label: 'policy',
      values: { ...limits().decided },
    })),
  ];
}

function lacking(routes: readonly UnavailableRoute[], what: 'plan' | 'api'): Record<string, number> {
  const values: Record<string, number> = {};
  for (const route of routes) {
    const name = (route as Partial<Record<typeof what, string>>)[what];
    if (name !== undefined) values[name] = (values[name] ?? 0) + 1;
  }
  return values;
}

type Decision = { allowed: true } | { allowed: false; reason: Reason };

/** Counts what `ask` comes to, and answers at once where that does. */
function counted<Args extends unknown[], Outcome extends Decision>(
  ask: (...args: Args) => Awaitable<Outcome>,
  seriesFor: (reason: string) => Series,
  took?: Series,
) {
  // Looking up a cell by its labels would cost as much as the check itself.
  const known = new Map<string, Series>();
  const count = (reason: string) => {
    const kept = known.get(reason);
    const series = kept ?? seriesFor(reason);
    if (kept === undefined) known.set(reason, series);
    series.add();
  };
  const record = (outcome: Outcome, began: number) => {
    took?.add((performance.now() - began) / 1000);
    count(outcome.allowed ? 'allowed' : outcome.reason);
    return outcome;
  };
  const failed = (error: unknown) => {
    count('error');
    throw error;
  };
  return (...args: Args): Awaitable<Outcome> => {
    const began = performance.now();
    try {
      const outcome = ask(...args);
      if (!(outcome instanceof Promise)) return record(outcome, began);
      return outcome.then((one) => record(one, began), failed);
    } catch (error) {
      return failed(error);
    }
  };
}

/** Memory, processor, event loop: of the process, so there is one. Loading it takes as long as half a start. */
let ofProcess: Promise<Registry> | undefined;

/** The library writes `Nan` where there was nothing to take a mean of; the format knows `NaN` only. */
async function processText(): Promise<string> {
  const text = await (await processRegistry()).metrics();
  return text.replaceAll(/ Nan$/gm, ' NaN');
}

function processRegistry(): Promise<Registry> {
  ofProcess ??= import('prom-client').then(({ collectDefaultMetrics, Registry }) => {
    const register = new Registry();
    collectDefaultMetrics({ register });
    return register;
  });
  ofProcess.catch(() => {
    ofProcess = undefined;
  });
  return ofProcess;
}
