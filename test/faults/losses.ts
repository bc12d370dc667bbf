// Judges a database after a fault: what was acknowledged and is gone, and what was applied by half. The journal is
// played back and must give exactly the rows of the tables.

import type { JournalEntry } from '../../server/src/core/journal/entry.ts';
import type { DatabaseState, Row, Table } from './prepared-database.ts';

/** A change that the server said it had made: its action and subject, as the journal words them. */
export interface Acknowledged {
  action: string;
  id: string;
}

/** In plain words, what is missing or half done; empty if nothing is. */
export function lossesIn({ chain, journal, rows }: DatabaseState, acknowledged: readonly Acknowledged[]): string[] {
  return [
    ...(chain.intact ? [] : [`The chain: ${chain.problem}`]),
    ...(chain.intact && chain.entries !== journal.length ? ['The journal has gaps.'] : []),
    ...unremembered(journal, acknowledged),
    ...(Object.keys(nouns) as Table[]).flatMap((table) => halfDone(table, journal, rows[table])),
  ];
}

function unremembered(journal: readonly JournalEntry[], acknowledged: readonly Acknowledged[]): string[] {
  const known = new Map<string, number>();
  for (const { action, subject } of journal) {
    const key = `${action} ${subject.id}`;
    known.set(key, (known.get(key) ?? 0) + 1);
  }
  return acknowledged.flatMap(({ action, id }) => {
    const left = known.get(`${action} ${id}`) ?? 0;
    known.set(`${action} ${id}`, left - 1);
    return left > 0 ? [] : [`${action} of ${id} was acknowledged, and is not in the journal.`];
  });
}

const nouns: Record<Table, { type: string; key: string }> = {
  api_tokens: { type: 'api_token', key: 'id' },
  api_users: { type: 'api_user', key: 'id' },
  api_permissions: { type: 'permission', key: 'name' },
  roles: { type: 'role', key: 'name' },
};

function halfDone(table: Table, journal: readonly JournalEntry[], rows: readonly Row[]): string[] {
  const { type, key } = nouns[table];
  const expected = playBack(journal.filter(({ subject }) => subject.type === type));
  const found = new Map(rows.map((row) => [String(row[key]), stateOf(row)]));
  const ids = new Set([...expected.keys(), ...found.keys()]);
  return [...ids].flatMap((id) => {
    const [told, is] = [expected.get(id), found.get(id)];
    if (told === undefined) return [`${table} has ${id}, of which the journal knows nothing.`];
    if (is === undefined) return [`${table} lacks ${id}, of which the journal tells.`];
    const different = Object.keys(told).filter((name) => name in is && told[name] !== is[name]);
    return different.map((name) => `${table} ${id}: ${name} is ${is[name]}, and the journal says ${told[name]}.`);
  });
}

type State = Record<string, string | boolean | null>;

function stateOf({ deactivated_at, deleted_at, ...row }: Row): State {
  const told = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
  return { ...told, inactive: deactivated_at != null, deleted: deleted_at != null };
}

/** What the entries leave behind. What is deleted for good leaves nothing. */
function playBack(entries: readonly JournalEntry[]): Map<string, State> {
  const states = new Map<string, State>();
  for (const { action, subject, detail } of entries) {
    const verb = action.split('.')[1] ?? '';
    const before = states.get(subject.id) ?? { inactive: false, deleted: false };
    const isForGood = verb === 'deleted' && (subject.type === 'permission' || subject.type === 'role');
    if (isForGood) states.delete(subject.id);
    else states.set(subject.id, { ...before, ...shown(detail), ...marks[verb] });
  }
  return states;
}

const marks: Record<string, State> = {
  deactivated: { inactive: true },
  activated: { inactive: false },
  deleted: { deleted: true },
  restored: { deleted: false },
};

function shown(detail: JournalEntry['detail']): State {
  const told = Object.entries(detail).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(told);
}
