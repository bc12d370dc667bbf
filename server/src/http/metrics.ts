// What operators watch, in Prometheus' text format: verdicts, how long they took, and how far revocations have come.
// Counts only: no label ever names an organization, a credential or an address.

import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Awaitable } from '../core/awaitable.ts';
import { demandOperator } from '../core/caller.ts';
import type { Core } from '../core/core.ts';
import type { Reason } from '../core/errors.ts';
import { identify } from '../dialects/dialect.ts';

/** What is looked up when somebody asks for the metrics. */
export interface Readings {
  /** The newest entry of the journal that this node knows of. */
  journalHead(): number;
  isFresh(): boolean;
  /** Changes that wait for the writer. */
  writesWaiting(): number;
  lag(): { connected: number; behind: number };
  /** Holders and records asked for, and how many of them the database was asked for. */
  lookups(): { all: number; database: number };
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
  const registry = new Registry();
  const registers = [registry];
  const verdicts = new Counter({
    name: 'keyward_verdicts_total',
    help: 'Verdicts by way and by reason; "allowed" for those that let a call in, "error" where none could be made.',
    labelNames: ['way', 'reason'],
    registers,
  });
  const seconds = new Histogram({
    name: 'keyward_verdict_seconds',
    help: 'How long a verdict took.',
    labelNames: ['way'],
    buckets: verdictSeconds,
    registers,
  });
  const exchanges = new Counter({
    name: 'keyward_exchanges_total',
    help: 'Exchanges of a credential for an access token, by dialect and by reason, as for verdicts.',
    labelNames: ['dialect', 'reason'],
    registers,
  });
  const effective = new Histogram({
    name: 'keyward_revocation_effective_seconds',
    help: "From a change on this node to a verifier's acknowledgement of it.",
    buckets: effectiveSeconds,
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('keyward_journal_head', 'The newest entry of the journal that this node knows of.', readings.journalHead);
  gauge('keyward_journal_fresh', '1 while the journal is followed within its bound, else 0.', () =>
    Number(readings.isFresh()),
  );
  gauge('keyward_writes_waiting', 'Changes that wait for the writer.', readings.writesWaiting);
  gauge('keyward_feed_followers', 'Who follows the feed through this node.', () => readings.lag().connected);
  gauge('keyward_feed_behind', 'Entries that the slowest follower has not been told yet.', () => readings.lag().behind);
  new Counter({
    name: 'keyward_lookups_total',
    help: 'Holders and records that checks asked for, by where the answer came from.',
    labelNames: ['from'],
    registers,
    collect() {
      const { all, database } = readings.lookups();
      this.reset();
      this.inc({ from: 'memory' }, Math.max(0, all - database));
      this.inc({ from: 'database' }, database);
    },
  });

  /** Counts what `ask` comes to, and answers at once where that does. */
  const counted = <Args extends unknown[], Outcome extends Judged>(
    ask: (...args: Args) => Awaitable<Outcome>,
    count: (reason: string) => { inc(): void },
    took?: { observe(seconds: number): void },
  ) => {
    // Looking up a counter by its labels would cost as much as the check itself.
    const counts = new Map<string, { inc(): void }>();
    const add = (reason: string) => {
      const one = counts.get(reason) ?? count(reason);
      counts.set(reason, one);
      one.inc();
    };
    return (...args: Args): Awaitable<Outcome> => {
      const began = performance.now();
      const done = (outcome: Outcome) => {
        took?.observe((performance.now() - began) / 1000);
        add(outcome.allowed ? 'allowed' : outcome.reason);
        return outcome;
      };
      const failed = (error: unknown) => {
        add('error');
        throw error;
      };
      try {
        const outcome = ask(...args);
        return outcome instanceof Promise ? outcome.then(done, failed) : done(outcome);
      } catch (error) {
        return failed(error);
      }
    };
  };

  return {
    watch(core, way) {
      const verdict = <Ask extends (...args: never[]) => Awaitable<Judged>>(ask: Ask, on = way) =>
        counted(ask, (reason) => verdicts.labels(on, reason), seconds.labels(on)) as Ask;
      return {
        ...core,
        inspect: verdict(core.inspect),
        verify: verdict(core.verify, way === 'native' ? 'check' : way),
        admit: verdict(core.admit),
        verdictFor: verdict(core.verdictFor, 'verify'),
        exchange: counted(core.exchange, (reason) => exchanges.labels(way, reason)) as Core['exchange'],
      };
    },
    effective: (ms) => effective.observe(ms / 1000),
    async text() {
      ofProcess ??= registryOfProcess();
      return (await Promise.all([registry.metrics(), ofProcess.metrics()])).join('\n');
    },
  };
}

/** Registers `GET /metrics`: for operators with `read:metrics`, wherever they call from, or for everyone if it `isOpen`. */
export function mountMetrics(scope: FastifyInstance, core: Core, metrics: Metrics, isOpen: boolean): void {
  scope.get('/metrics', async (request, reply) => {
    if (!isOpen) demandOperator(await identify(request, core), 'read:metrics');
    return reply.header('content-type', Registry.PROMETHEUS_CONTENT_TYPE).send(await metrics.text());
  });
}

type Judged = { allowed: true } | { allowed: false; reason: Reason };

/** Memory, processor, event loop: of the process, so there is one, and it costs nothing until somebody asks. */
let ofProcess: Registry | undefined;

function registryOfProcess(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
