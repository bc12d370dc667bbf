// The state of a token, an account or a role in one word. What the states mean is told when one points at it.

import { Tooltip } from '@mantine/core';
import { Mark } from '../../parts/mark.tsx';
import { accessWords } from '../../words/access.ts';

export type State = keyof typeof accessWords.state;

const kinds: Record<State, 'good' | 'off' | 'warn' | 'busy'> = {
  active: 'good',
  inactive: 'off',
  leaked: 'warn',
  suspended: 'warn',
  refused: 'off',
  powerless: 'warn',
  expired: 'warn',
  deleted: 'off',
  rotating: 'busy',
  invited: 'busy',
  builtIn: 'off',
};

export function StateBadge({ state }: { state: State }) {
  return (
    <Tooltip label={accessWords.stateText[state]}>
      <Mark kind={kinds[state]}>{accessWords.state[state]}</Mark>
    </Tooltip>
  );
}
