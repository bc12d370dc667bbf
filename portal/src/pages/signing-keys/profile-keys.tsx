// The keys of one kind of token: what is under way in plain words, then each key.

import type { SigningKey } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { Mark } from '../../parts/mark.tsx';
import { Panel } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { shortTime, When } from '../../parts/when.tsx';
import { duration } from '../../words/durations.ts';
import { signingKeyWords as words } from '../../words/signing-keys.ts';
import { type KeyState, overlapOf, stateOf } from './state.ts';

const kinds = { signs: 'good', upcoming: 'busy', verifies: 'warn', ended: 'off', revoked: 'off' } as const;
const order: readonly KeyState[] = ['upcoming', 'signs', 'verifies', 'ended', 'revoked'];

interface ProfileKeysProps {
  profile: SigningKey['profile'];
  /** Where an API chose it. */
  algorithm?: SigningKey['algorithm'];
  keys: readonly SigningKey[];
  now: number;
  onRotate?: () => void;
  onRevoke?: (key: SigningKey) => void;
}

export function ProfileKeys({ profile, algorithm, keys, now, onRotate, onRevoke }: ProfileKeysProps) {
  const [isAll, setAll] = useState(false);
  const { title: kind, text: about } = words.profiles[profile];
  const [title, text] =
    algorithm === undefined ? [kind, about] : [words.chosen.title(kind, algorithm), words.chosen.text];
  const sorted = keys.toSorted(
    (a, b) => order.indexOf(stateOf(a, now)) - order.indexOf(stateOf(b, now)) || (a.createdAt < b.createdAt ? 1 : -1),
  );
  const live = sorted.filter((key) => !isOver(stateOf(key, now)));
  const over = sorted.length - live.length;
  return (
    <Panel
      title={title}
      intro={text}
      {...(onRotate && {
        actions: (
          <Button variant="default" size="sm" aria-label={words.rotate.label(title)} onClick={onRotate}>
            {words.rotate.button}
          </Button>
        ),
      })}
    >
      <Progress keys={keys} now={now} />
      <DataTable
        label={title}
        list={{ items: isAll ? sorted : live }}
        columns={columnsFor(now, onRevoke)}
        keyOf={({ kid }) => kid}
        empty={null}
      />
      {over > 0 && (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setAll(!isAll)} aria-expanded={isAll}>
          {isAll ? words.hideEnded : words.showEnded(over)}
        </Button>
      )}
    </Panel>
  );
}

function Progress({ keys, now }: { keys: readonly SigningKey[]; now: number }) {
  const { signsFrom, verifiesUntil } = overlapOf(keys, now);
  const wait = (at: string) => duration(Date.parse(at) - now);
  return (
    <Text fz="sm" mb="md" mt={-8}>
      {signsFrom !== null && `${words.overlap.upcoming(shortTime(signsFrom), wait(signsFrom))} `}
      {verifiesUntil !== null && words.overlap.old(shortTime(verifiesUntil), wait(verifiesUntil))}
      {signsFrom === null && verifiesUntil === null && words.overlap.none}
    </Text>
  );
}

function columnsFor(now: number, onRevoke: ProfileKeysProps['onRevoke']): Column<SigningKey>[] {
  return [
    {
      key: 'kid',
      header: words.columns.key,
      cell: ({ kid, algorithm }) => (
        <>
          <span className="kw-mono">{kid}</span>
          <Text fz={13} c="dimmed">
            {algorithm}
          </Text>
        </>
      ),
    },
    {
      key: 'state',
      header: words.columns.state,
      cell: (key) => <Mark kind={kinds[stateOf(key, now)]}>{words.states[stateOf(key, now)]}</Mark>,
    },
    { key: 'made', header: words.columns.since, isWideOnly: true, cell: ({ createdAt }) => <When at={createdAt} /> },
    {
      key: 'until',
      header: words.columns.until,
      isWideOnly: true,
      cell: ({ verifiesUntil, revokedAt }) => <When at={revokedAt ?? verifiesUntil} form="exact" never={words.noEnd} />,
    },
    ...(onRevoke === undefined
      ? []
      : [
          {
            key: 'actions',
            header: words.columns.actions,
            isHeaderHidden: true,
            align: 'right' as const,
            cell: (key: SigningKey) =>
              isOver(stateOf(key, now)) ? null : (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={words.revoke.label(key.kid)}
                  onClick={() => onRevoke(key)}
                >
                  {words.revoke.button}
                </Button>
              ),
          },
        ]),
  ];
}

function isOver(state: KeyState): boolean {
  return state === 'ended' || state === 'revoked';
}
