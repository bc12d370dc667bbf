// The machine of the server: its certificate, data folder, database and port. A running server goes on meanwhile, and
// nothing is changed or made.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { isDatabase } from '../../startup/data-folder.ts';
import { demoFilePath } from '../demo/file.ts';
import { lookAtCertificate } from './certificate.ts';
import { lookAtDatabase } from './database.ts';
import { lookAtFiles } from './files.ts';
import { type Finding, failureOf, findingsOf } from './finding.ts';
import { mostApartMs } from './most-apart.ts';
import { lookAtPort } from './port.ts';

/** Every look at this machine, one after the other. `progress` is told of journal entries that were checked. */
export async function* lookAtMachine(config: Config, progress: (entries: number) => void): AsyncGenerator<Finding> {
  yield* lookAtCertificate(config);
  const isUsable = yield* lookAtFiles(config);
  // The demo is told its port by a flag, mostly.
  if (!existsSync(demoFilePath(config.data))) yield* await lookAtPort(config);
  if (isUsable) yield* lookInDatabase(config, progress);
}

async function* lookInDatabase(config: Config, progress: (entries: number) => void): AsyncGenerator<Finding> {
  if (config.database === null) {
    const file = await attempt('database', async () => isDatabase(join(config.data, 'keyward.db')));
    if ('finding' in file) yield file.finding;
    else if (!file.value)
      yield findingsOf('database').problem(`there is none in ${config.data} yet`, 'Make the first owner: keyward init');
    if (!('value' in file && file.value)) return;
  }
  const inspection = await import('../../assemble/inspection.ts');
  const facts = await attempt('database', () => inspection.inspectDatabase(config));
  if ('finding' in facts) {
    yield facts.finding;
    return;
  }
  yield* lookAtDatabase(config, facts.value);
  if (facts.value.pending.length > 0) return;
  const keys = await attempt('sealing keys', () => inspection.inspectSealingKeys(config));
  yield 'finding' in keys ? keys.finding : findingsOf('sealing keys').ok('they open every signing key of the database');
  const served = await attempt('database', () => inspection.inspectServable(config));
  if ('finding' in served) yield served.finding;
  else yield* suspensions(served.value);
  const journal = await attempt('journal', () => inspection.inspectJournal(config, progress));
  if ('finding' in journal) yield journal.finding;
  else yield* chain(journal.value);
}

function* suspensions(suspended: number): Generator<Finding> {
  if (suspended === 0) return;
  const text = `a restore has suspended ${suspended} people, credentials and organizations: all of these are refused`;
  const mend = 'Look at them, then let them work again: keyward restore release --help';
  yield findingsOf('restore').warning(text, mend);
}

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

async function attempt<T>(check: string, work: () => Promise<T>): Promise<{ value: T } | { finding: Finding }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { finding: failureOf(check, error) };
  }
}
