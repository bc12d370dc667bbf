// The limits of a plan or of a token in a form: the rows, and what is wrong with them.

import { Input, Stack, Text } from '@mantine/core';
import { planWords } from '../../words/plans.ts';
import type { LimitsState, LimitValues } from './limit-values.ts';
import { PlanLimits } from './plan-limits.tsx';

const words = planWords.form;

export interface LimitsFieldProps {
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
