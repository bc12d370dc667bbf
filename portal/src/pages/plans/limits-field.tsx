// The limits of a plan or of a token in a form: the rows, and what is wrong with each of them.

import { Input, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { problemOf } from '../../problem.ts';
import { planWords } from '../../words/plans.ts';
import { type LimitValues, limitFaults, PlanLimits } from './plan-limits.tsx';

const words = planWords.form;

/** By `<row>/<field>`; what is wrong with a whole row is by the row alone. */
export type LimitFaults = Readonly<Record<string, string>>;

export interface LimitsState {
  faults: LimitFaults;
  clear: () => void;
  /** Tells what is plainly wrong; answers the first of it. */
  check: (limits: readonly LimitValues[]) => string | undefined;
  /** Sends the form, and tells what the server finds wrong with limits. */
  sending: <T>(send: () => Promise<T>) => Promise<T>;
}

export function useLimits(): LimitsState {
  const [faults, tell] = useState<LimitFaults>({});
  return {
    faults,
    clear: () => tell({}),
    check: (limits) => {
      const wrong = limitFaults(limits);
      tell(wrong);
      return Object.values(wrong)[0];
    },
    sending: async (send) => {
      try {
        return await send();
      } catch (error) {
        tell(faultsIn(error));
        throw error;
      }
    },
  };
}

interface LimitsFieldProps {
  of: 'plan' | 'token';
  state: LimitsState;
  value: LimitValues[];
  onChange: (value: LimitValues[]) => void;
  error: string | undefined;
}

export function LimitsField({ of, state, value, onChange, error }: LimitsFieldProps) {
  const change = (next: LimitValues[]) => {
    state.clear();
    onChange(next);
  };
  return (
    <Stack gap="xs">
      {of === 'token' && <Input.Wrapper label={words.ofToken} labelElement="div" description={words.ofTokenHint} />}
      <PlanLimits of={of} value={value} onChange={change} faults={state.faults} />
      {error !== undefined && Object.keys(state.faults).length === 0 && (
        <Text fz="sm" c="red" role="alert">
          {error}
        </Text>
      )}
    </Stack>
  );
}

function faultsIn(error: unknown): LimitFaults {
  const fields = Object.entries(problemOf(error).fields());
  const own = fields.filter(([path]) => path.startsWith('limits/'));
  return Object.fromEntries(own.map(([path, message]) => [path.slice('limits/'.length), message]));
}
