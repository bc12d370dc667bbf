// The machine of the server: its configuration, certificate, data folder and database. A running server goes on meanwhile, and
// nothing is changed or made.

import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseFacts } from '../../assemble/inspection.ts';
import type { Config } from '../../config/config.ts';
import { doubtsAbout, readCertificate } from '../../startup/certificate.ts';
import { exposedIn } from '../../startup/data-folder.ts';
import { demoFilePath } from '../demo/file.ts';
import { type Finding, failureOf, findingsOf } from './finding.ts';

/** Every look at this machine, one after the other. `progress` is told of journal entries that were checked. */
export async function* lookAtMachine(config: Config, progress: (entries: number) => void): AsyncGenerator<Finding> {
  yield* certificate(config);
  yield* folder(config);
  if (config.database === null && !existsSync(join(config.data, 'keyward.db'))) {
    yield findingsOf('database').problem(`there is none in ${config.data} yet`, 'Make the first owner: keyward init');
    return;
  }
  const inspection = await import('../../assemble/inspection.ts');
  const facts = await attempt('database', inspection.inspectDatabase(config));
  if ('finding' in facts) {
    yield facts.finding;
    return;
  }
  yield* database(config, facts.value);
  if (facts.value.pending.length > 0) return;
  const keys = await attempt('sealing keys', inspection.inspectSealingKeys(config));
  yield 'finding' in keys ? keys.finding : findingsOf('sealing keys').ok('they open every signing key of the database');
  const journal = await attempt('journal', inspection.inspectJournal(config, progress));
  if ('finding' in journal) yield journal.finding;
  else yield* chain(journal.value);
}

function* certificate({ tls, url, trustedProxies, data }: Config): Generator<Finding> {
  const { ok, warning, problem } = findingsOf('certificate');
  if (tls === null) {
    const named = trustedProxies.join(', ');
    if (existsSync(demoFilePath(data))) yield ok('none, as the demo answers this machine without');
    else if (trustedProxies.length > 0) yield ok(`none of its own: HTTPS is the work of a proxy at ${named}`);
    else
      yield problem(
        'there is none, and no proxy that has one: every call with a credential is refused',
        'Set tls.cert and tls.key, or name the proxy in front in trustedProxies.',
      );
    return;
  }
  try {
    const host = url === null ? null : new URL(url).hostname.replace(/^\[|\]$/g, '');
    const doubts = doubtsAbout(readCertificate(tls), tls.cert, Date.now(), host);
    for (const doubt of doubts) yield warning(doubt);
    if (doubts.length === 0) yield ok(`${tls.cert} and its key belong together and are in date`);
  } catch (error) {
    yield failureOf('certificate', error);
  }
}

function* folder({ data, database }: Config): Generator<Finding> {
  const { ok, warning, problem, skipped } = findingsOf('data folder');
  if (!existsSync(data)) {
    if (database !== null) yield skipped('there is none; PostgreSQL needs none');
    else yield problem(`${data} is not there`, 'Name the folder of the server with --data, or make it: keyward init');
    return;
  }
  const exposed = exposedIn(data);
  for (const text of exposed) yield warning(text);
  if (exposed.length === 0) yield ok(`${data} is this account's alone`);
  const { bavail, bsize, blocks } = statfsSync(data);
  const [free, share] = [bavail * bsize, bavail / blocks];
  const left = `${amount(free)} left on its disk (${Math.round(share * 100)} %)`;
  const disk = findingsOf('disk');
  if (free < leastFree) yield disk.problem(left, 'Free some space: without it no change can be kept.');
  else if (share < leastShare) yield disk.warning(left, 'Free some space before it is gone.');
  else yield disk.ok(left);
}

const leastFree = 200_000_000;
const leastShare = 0.05;

function* database(config: Config, facts: DatabaseFacts): Generator<Finding> {
  const { ok, warning, problem } = findingsOf('database');
  const { kind, version, latencyMs, bytes, notDurable, isReplica, connections, pending, time } = facts;
  const name = kind === 'sqlite' ? `SQLite ${version}, ${join(config.data, 'keyward.db')}` : `PostgreSQL ${version}`;
  yield ok(`${name}, ${amount(bytes)}, answers in ${latencyMs.toFixed(1)} ms`);
  if (latencyMs > slowMs)
    yield warning(`a trivial question takes ${Math.round(latencyMs)} ms`, 'Bring server and database closer together.');
  if (notDurable.length > 0)
    yield problem(`acknowledged changes may be lost in a power cut: ${notDurable.join(', ')}`, 'Switch it on.');
  if (isReplica) yield problem('it is a replica, which takes no changes', 'Name the primary in KEYWARD_DATABASE.');
  if (connections !== null && connections.open > connections.most * 0.9) {
    const { open, most } = connections;
    yield warning(`${open} of ${most} connections are open`, 'Raise max_connections, or close what is not needed.');
  }
  if (pending.length > 0)
    yield problem(`${pending.length} migrations have not run`, 'Stop the server, then: keyward migrate');
  if (time !== null) yield clock(time - Date.now());
}

const slowMs = 20;

function clock(aheadMs: number): Finding {
  const { ok, warning } = findingsOf('clock');
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  if (Math.abs(aheadMs) < mostApartMs) return ok(`${seconds} s from the database's`);
  const which = aheadMs > 0 ? 'behind' : 'ahead of';
  return warning(`this machine's is ${seconds} s ${which} the database's`, 'Have both set by NTP.');
}

/** How far two clocks may be apart before it is said. */
export const mostApartMs = 2_000;

function* chain(report: {
  intact: boolean;
  entries: number;
  problem?: string;
  newestAt: number | null;
}): Generator<Finding> {
  const { ok, problem } = findingsOf('journal');
  const mend = 'Keep this database as it is, and compare it with a backup: someone changed it by hand.';
  if (report.intact) yield ok(`its ${report.entries} entries are linked as they were written`);
  else yield problem(`it was tampered with: ${report.problem}`, mend);
  const aheadMs = (report.newestAt ?? 0) - Date.now();
  if (aheadMs > mostApartMs) {
    const text = `the newest change lies ${Math.round(aheadMs / 1000)} s in the future: the clock was set back`;
    yield findingsOf('clock').warning(text, 'Set the clock of this machine right.');
  }
}

async function attempt<T>(check: string, work: Promise<T>): Promise<{ value: T } | { finding: Finding }> {
  try {
    return { value: await work };
  } catch (error) {
    return { finding: failureOf(check, error) };
  }
}

function amount(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
