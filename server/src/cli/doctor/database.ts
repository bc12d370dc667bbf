// What the database says of itself, held against what a server needs of it.

import { join } from 'node:path';
import type { DatabaseFacts } from '../../assemble/inspection.ts';
import type { Config } from '../../config/config.ts';
import { amount } from './amount.ts';
import { type Finding, findingsOf } from './finding.ts';
import { mostApartMs } from './most-apart.ts';

export function* lookAtDatabase(config: Config, facts: DatabaseFacts): Generator<Finding> {
  const { ok, warning, problem } = findingsOf('database');
  const { kind, version, latencyMs, bytes, notDurable, isReplica, isReadOnly, connections, pending, time } = facts;
  const name = kind === 'sqlite' ? `SQLite ${version}, ${join(config.data, 'keyward.db')}` : `PostgreSQL ${version}`;
  yield ok(`${name}, ${amount(bytes)}, answers in ${latencyMs.toFixed(1)} ms`);
  if (latencyMs > slowMs)
    yield warning(`a trivial question takes ${Math.round(latencyMs)} ms`, 'Bring server and database closer together.');
  if (notDurable.length > 0)
    yield problem(`acknowledged changes may be lost in a power cut: ${notDurable.join(', ')}`, 'Switch it on.');
  if (isReplica) yield problem('it is a replica, which takes no changes', 'Name the primary in KEYWARD_DATABASE.');
  else if (isReadOnly) {
    const mend =
      'alter database NAME reset default_transaction_read_only; the same for the role, or in postgresql.conf';
    yield problem('it takes no changes: default_transaction_read_only is on', `Switch that off: ${mend}`);
  }
  if (connections !== null && connections.open > connections.most * 0.9) {
    const { open, most } = connections;
    yield warning(`${open} of ${most} connections are open`, 'Raise max_connections, or close what is not needed.');
  }
  if (pending.length > 0) {
    const many = pending.length === 1 ? '1 migration has' : `${pending.length} migrations have`;
    yield problem(`${many} not run: it is of an older version`, 'Stop the server, then: keyward migrate');
  }
  if (kind !== 'sqlite' && config.journalHead === null) {
    const mend = 'Name a file on each node: journalHead (KEYWARD_JOURNAL_HEAD). docs/backups.md says more.';
    yield warning('an older copy that took its place would go unnoticed: no journal head is kept outside it', mend);
  }
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
