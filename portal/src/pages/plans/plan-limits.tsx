// The limits of a plan or of a token to fill in, a row each. Rows are added and removed; what they come to is for the server to judge.

import type { PlanLimit } from '@keyward/sdk/wire';
import { Button, Group, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { Icon } from '../../parts/icon.tsx';
import { planWords } from '../../words/plans.ts';
import { type LimitValues, newLimit, units } from './limit-values.ts';

const words = planWords.form;
const mostLimits = 4;

export interface PlanLimitsProps {
  /** A token's limits count its own calls alone. */
  of: 'plan' | 'token';
  value: readonly LimitValues[];
  onChange: (value: LimitValues[]) => void;
  /** What is wrong with a field of a row, by `<row>/<field>`. */
  faults: Readonly<Record<string, string | undefined>>;
}

export function PlanLimits({ of, value, onChange, faults }: PlanLimitsProps) {
  const change = (index: number, next: Partial<LimitValues>) =>
    onChange(value.map((one, at) => (at === index ? { ...one, ...next } : one)));
  return (
    <Stack gap="sm" role="group" aria-label={words.limits}>
      {value.length === 0 && (
        <Text fz="sm" c="dimmed">
          {of === 'plan' ? words.unlimited : words.unlimitedToken}
        </Text>
      )}
      {value.map((row, index) => (
        <LimitRow
          key={row.key}
          of={of}
          row={row}
          number={index + 1}
          faultOf={(field) => faults[`${index}/${field}`] ?? (field === 'limit' ? faults[`${index}`] : undefined)}
          onChange={(next) => change(index, next)}
          onRemove={() => onChange(value.filter((_row, at) => at !== index))}
        />
      ))}
      {value.length < mostLimits && (
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="plus" size={16} />}
          onClick={() => onChange([...value, newLimit(Math.max(0, ...value.map(({ key }) => key)) + 1)])}
        >
          {words.addLimit}
        </Button>
      )}
    </Stack>
  );
}

interface LimitRowProps {
  of: 'plan' | 'token';
  row: LimitValues;
  number: number;
  faultOf: (field: string) => string | undefined;
  onChange: (next: Partial<LimitValues>) => void;
  onRemove: () => void;
}

function LimitRow({ of, row: { limit, window, unit, per, cap }, number, faultOf, onChange, onRemove }: LimitRowProps) {
  const count = { min: 1, clampBehavior: 'none', allowDecimal: false, hideControls: true } as const;
  return (
    <Paper withBorder p="sm" role="group" aria-label={words.limitNumber(number)}>
      <Stack gap="sm">
        <Group gap="sm" align="flex-start" grow preventGrowOverflow={false} wrap="nowrap">
          <NumberInput
            {...count}
            label={words.limit}
            thousandSeparator=","
            value={limit}
            onChange={(next) => onChange({ limit: next })}
            error={faultOf('limit')}
          />
          <NumberInput
            {...count}
            label={words.window}
            value={window}
            onChange={(next) => onChange({ window: next })}
            error={faultOf('windowMs')}
          />
          <Select
            label={words.unit}
            data={units.map((ms) => ({ value: String(ms), label: words.units[ms] ?? '' }))}
            allowDeselect={false}
            value={unit}
            onChange={(next) => next !== null && onChange({ unit: next })}
          />
        </Group>
        {of === 'plan' && (
          <Select
            label={words.per}
            description={planWords.perText[per]}
            data={Object.entries(planWords.per).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            value={per}
            onChange={(next) => next !== null && onChange({ per: next as PlanLimit['per'] })}
            error={faultOf('per')}
          />
        )}
        {of === 'plan' && per === 'contributor' && (
          <NumberInput
            {...count}
            label={words.cap}
            description={words.capText}
            thousandSeparator=","
            value={cap}
            onChange={(next) => onChange({ cap: next })}
            error={faultOf('cap')}
          />
        )}
        <Group justify="flex-end">
          <Button size="compact-sm" variant="default" aria-label={words.removeLimit(number)} onClick={onRemove}>
            {words.remove}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
