// The limits of a plan or of a token to fill in, a row each. Rows are added and removed; what they come to is for the server to judge.

import type { PlanLimit, Token } from '@keyward/sdk/wire';
import { Button, Group, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { Icon } from '../../parts/icon.tsx';
import { planWords } from '../../words/plans.ts';

const words = planWords.form;
const units = Object.keys(words.units).map(Number);
const mostLimits = 4;

export interface LimitValues {
  /** Tells the rows apart, whatever is removed. */
  key: number;
  limit: number | string;
  window: number | string;
  unit: string;
  per: PlanLimit['per'];
  cap: number | string;
}

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

export function newLimit(key: number): LimitValues {
  return { key, limit: '', window: 1, unit: '3600000', per: 'organization', cap: '' };
}

export function limitValuesOf({ limit, windowMs, per, cap }: PlanLimit, key: number): LimitValues {
  const unit = units.toSorted((a, b) => b - a).find((ms) => windowMs % ms === 0) ?? 1000;
  return { key, limit, window: windowMs / unit, unit: String(unit), per, cap: cap ?? '' };
}

export function limitOf({ limit, window, unit, per, cap }: LimitValues): PlanLimit {
  const hasCap = per === 'contributor' && cap !== '';
  return { limit: Number(limit), windowMs: Number(window) * Number(unit), per, cap: hasCap ? Number(cap) : null };
}

/** Those of a token, which count by its windows alone. */
export function tokenLimitValuesOf(limits: Token['limits']): LimitValues[] {
  return limits.map((limit, index) => limitValuesOf({ ...limit, per: 'api_token', cap: null }, index + 1));
}

export function tokenLimitsIn(values: readonly LimitValues[]): Token['limits'] {
  return values.map(limitOf).map(({ limit, windowMs }) => ({ limit, windowMs }));
}

/** What is plainly wrong, by `<row>/<field>`. */
export function limitFaults(limits: readonly LimitValues[]): Record<string, string> {
  const faults: Record<string, string> = {};
  limits.forEach(({ limit, window, per, cap }, index) => {
    if (!isCount(limit)) faults[`${index}/limit`] = words.whole;
    if (!isCount(window)) faults[`${index}/windowMs`] = words.whole;
    if (per === 'contributor' && cap !== '' && !isCount(cap)) faults[`${index}/cap`] = words.whole;
  });
  return faults;
}

function isCount(value: number | string): boolean {
  const count = value === '' ? 0 : Number(value);
  return Number.isInteger(count) && count >= 1;
}
