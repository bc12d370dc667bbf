// What a token made, itself or through what it made, as a tree.

import type { Descendant, Descendants } from '@keyward/sdk/wire';
import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Panel } from '../../parts/states.tsx';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { nameOf } from '../access/made-too.tsx';
import { StateBadge } from '../access/state-badge.tsx';
import classes from './token.module.css';

const words = tokenWords.descendants;

export function DescendantsPanel({ id, descendants: { items, total } }: { id: string; descendants: Descendants }) {
  const known = new Set(items.map((one) => one.id));
  // Whose maker is not among those told stands at the root, so that nothing is hidden.
  const madeBy = (maker: string) => items.filter(({ createdBy }) => (known.has(createdBy) ? createdBy : id) === maker);
  return (
    <Panel title={words.title} intro={words.intro}>
      <Branch of={id} madeBy={madeBy} />
      {total > items.length && <Text c="dimmed">{words.more(total - items.length)}</Text>}
    </Panel>
  );
}

function Branch({ of, madeBy }: { of: string; madeBy: (maker: string) => readonly Descendant[] }) {
  const made = madeBy(of);
  if (made.length === 0) return null;
  return (
    <ul className={classes.branch}>
      {made.map((one) => (
        <li key={one.id}>
          <Name one={one} /> <StateBadge state={one.state} />
          <Branch of={one.id} madeBy={madeBy} />
        </li>
      ))}
    </ul>
  );
}

function Name({ one }: { one: Descendant }) {
  const { type, id, name, organization } = one;
  // Pages are of the organization that is worked in.
  if (type !== 'api_token' || organization !== undefined) {
    return (
      <>
        {nameOf(one)} ({accessWords.made.kind[type]})
      </>
    );
  }
  return (
    <Anchor component={Link} to={`/tokens/${encodeURIComponent(id)}`} fz="sm">
      {name}
    </Anchor>
  );
}
