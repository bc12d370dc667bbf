// What was done to a token, by whom, the newest first.

import type { JournalEntry, JournalList } from '@keyward/sdk/wire';
import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api.ts';
import { Loaded, Panel } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import classes from './token.module.css';

const words = tokenWords.journal;

export function JournalPanel({ id }: { id: string }) {
  const subject = `api_token:${id}`;
  const journal = useQuery({
    queryKey: ['/v1/journal', { subject }],
    queryFn: ({ signal }) => api.get<JournalList>('/v1/journal', { subject, limit: 10 }, signal),
  });
  return (
    <Panel
      title={words.title}
      actions={
        <Anchor component={Link} to="/journal" search={{ subject } as never} fz="sm">
          {words.all}
        </Anchor>
      }
    >
      <Loaded query={journal}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{words.none}</Text>
          ) : (
            <ol className={classes.entries}>
              {items.map((entry) => (
                <Entry key={entry.seq} entry={entry} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Entry({ entry }: { entry: JournalEntry }) {
  const { user } = useSession();
  const { actor, at } = entry;
  const who = actor.type === 'system' ? words.machine : actor.id === user.id ? accessWords.you : actor.name;
  return (
    <li className={classes.entry}>
      <span>
        <Text component="span" fw={600} fz="inherit" tt={who === accessWords.you ? 'capitalize' : undefined}>
          {who ?? actor.id}
        </Text>{' '}
        {textOf(entry)}
      </span>
      <Text component="span" fz="inherit" c="dimmed">
        <When at={at} />
      </Text>
    </li>
  );
}

function textOf({ action, detail }: JournalEntry): string {
  if (action !== 'api_token.changed') return words.did[action] ?? action;
  const known = Object.keys(words.fields);
  const named = known.filter((field) => field in detail).map((field) => words.fields[field] ?? field);
  const fields = [...named, ...Object.keys(detail).filter((field) => !known.includes(field))];
  return fields.length === 0 ? (words.did[action] ?? action) : words.changed(fields);
}
