// One entry of the journal, whole.

import type { JournalEntry, JournalList } from '@keyward/sdk/wire';
import { Anchor, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../../api.ts';
import { Copyable } from '../../parts/copy.tsx';
import { Facts, Loaded } from '../../parts/states.tsx';
import { exactTime } from '../../parts/when.tsx';
import { journalWords } from '../../words/journal.ts';
import classes from './journal.module.css';
import { actionName, nameOf } from './names.ts';

const words = journalWords.entry;

export interface EntryProps {
  seq: number;
  /** The entry, if the page has it already. */
  known: JournalEntry | undefined;
  onNarrow: (changes: { actor?: string; subject?: string }) => void;
}

export function Entry({ seq, known, onNarrow }: EntryProps) {
  const query = useQuery({
    queryKey: ['/v1/journal', 'entry', seq],
    queryFn: async ({ signal }) => {
      const { items } = await api.get<JournalList>('/v1/journal', { before: seq + 1, limit: 1 }, signal);
      return items[0]?.seq === seq ? items[0] : null;
    },
    enabled: Number.isSafeInteger(seq) && seq > 0,
    ...(known !== undefined && { initialData: known }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!Number.isSafeInteger(seq) || seq < 1) return <Text>{words.gone}</Text>;
  return (
    <Loaded query={query}>
      {(entry) => (entry === null ? <Text>{words.gone}</Text> : <Shown entry={entry} onNarrow={onNarrow} />)}
    </Loaded>
  );
}

function Shown({ entry, onNarrow }: { entry: JournalEntry; onNarrow: EntryProps['onNarrow'] }) {
  const { actor, subject, action, at, detail, hash } = entry;
  return (
    <Facts
      rows={[
        [
          words.action,
          <>
            {actionName(action)} <span className="kw-mono">{action}</span>
          </>,
        ],
        [words.at, exactTime(at)],
        [
          words.actor,
          <Who key="actor" one={actor} label={words.onlyActor} onNarrow={() => onNarrow({ actor: actor.id })} />,
        ],
        [
          words.subject,
          <Who
            key="subject"
            one={subject}
            label={words.onlySubject}
            onNarrow={() => onNarrow({ subject: `${subject.type}:${subject.id}` })}
          />,
        ],
        [words.detail, <Detail key="detail" detail={detail} />],
        [words.hash, <Copyable key="hash" text={hash} label={words.hash} />],
      ]}
    />
  );
}

function Who({ one, label, onNarrow }: { one: Parameters<typeof nameOf>[0]; label: string; onNarrow: () => void }) {
  return (
    <>
      <div>{nameOf(one)}</div>
      <Group gap={4} c="dimmed" fz={13}>
        {journalWords.types[one.type] ?? one.type}
        {one.id !== '' && <Copyable text={one.id} />}
      </Group>
      <Anchor component="button" type="button" fz="sm" onClick={onNarrow}>
        {label}
      </Anchor>
    </>
  );
}

function Detail({ detail }: { detail: JournalEntry['detail'] }): ReactNode {
  const entries = Object.entries(detail);
  if (entries.length === 0) return words.noDetail;
  return (
    <dl className={classes.detail}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt className="kw-mono">{name}</dt>
          <dd>{said(name, value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Times are numbers in the journal, under names that end in `At`, `From` or `Until`. */
function said(name: string, value: unknown): string {
  if (value === null || value === '') return words.nothing;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number' && value > 1e11 && /(?:At|From|Until)$/.test(name)) {
    return exactTime(new Date(value).toISOString());
  }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ') || words.nothing;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
