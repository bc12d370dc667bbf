// A plan to fill in: a new one, or one that is there.

import type { Plan, PlanContent } from '@keyward/sdk/wire';
import { Select, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { problemOf } from '../../problem.ts';
import { queries, sessionQuery } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { planWords } from '../../words/plans.ts';
import { type EntitlementValues, entitlementIn, entitlementValuesOf } from '../entitlements/entitlement.ts';
import { EntitlementField } from '../entitlements/field.tsx';
import { Narrowing } from '../entitlements/narrowing.tsx';
import { type LimitValues, limitFaults, limitOf, limitValuesOf, newLimit, PlanLimits } from './plan-limits.tsx';

const words = planWords.form;

interface Values {
  id: string;
  name: string;
  limits: LimitValues[];
  whenUnavailable: Plan['whenUnavailable'];
  entitlement: EntitlementValues;
}

export function PlanForm({ plan, onClose }: { plan: Plan | null; onClose: () => void }) {
  const [limitsWrong, tellLimits] = useState<Record<string, string>>({});
  const form = useForm<Values>({
    initial: valuesOf(plan),
    check: ({ id, name, limits }) => {
      const wrong = limitFaults(limits);
      tellLimits(wrong);
      return {
        id: id.trim() === '' ? partWords.required : undefined,
        name: name.trim() === '' ? partWords.required : undefined,
        limits: Object.values(wrong)[0],
      };
    },
    send: async (values) => {
      const id = values.id.trim();
      try {
        // Whoever means a new plan must not replace one that there is.
        if (plan === null) await api.post<Plan>('/v1/plans', { id, ...contentOf(values) });
        else await api.patch<Plan>(`/v1/plans/${part(id)}`, contentOf(values));
      } catch (error) {
        tellLimits(faultsOfLimits(error));
        throw error;
      }
      await invalidate('/v1/plans', '/v1/budget', '/v1/permissions', '/v1/journal');
      await queries.refetchQueries({ queryKey: sessionQuery.queryKey });
      showDone(words.saved(values.name));
      onClose();
    },
  });
  const limits = form.value('limits');
  const change = (next: LimitValues[]) => {
    tellLimits({});
    limits.onChange(next);
  };
  return (
    <DialogForm form={form} go={words.save} onCancel={onClose}>
      {plan === null && (
        <TextInput label={words.id} description={words.idText} data-autofocus {...form.text('id')} maxLength={64} />
      )}
      <TextInput label={words.name} {...form.text('name')} maxLength={200} />
      <PlanLimits value={limits.value} onChange={change} faults={limitsWrong} />
      {limits.error !== undefined && Object.keys(limitsWrong).length === 0 && (
        <Text fz="sm" c="red" role="alert">
          {limits.error}
        </Text>
      )}
      <Select
        label={words.unavailable}
        data={Object.entries(planWords.unavailable).map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        value={form.values.whenUnavailable}
        onChange={(value) => value !== null && form.set('whenUnavailable', value as Plan['whenUnavailable'])}
      />
      <EntitlementField of="plan" {...form.value('entitlement')} />
      {plan !== null && (
        <Narrowing before={plan.entitlement} after={entitlementIn(form.values.entitlement) ?? []} of={{ plan }} />
      )}
      {plan !== null && (
        <Text fz="sm" c="dimmed">
          {words.note}
        </Text>
      )}
    </DialogForm>
  );
}

function valuesOf(plan: Plan | null): Values {
  return {
    id: plan?.id ?? '',
    name: plan?.name ?? '',
    limits: plan === null ? [newLimit(1)] : plan.limits.map((limit, index) => limitValuesOf(limit, index + 1)),
    whenUnavailable: plan?.whenUnavailable ?? 'local',
    entitlement: entitlementValuesOf(plan?.entitlement ?? ['*:*']),
  };
}

function contentOf({ name, limits, whenUnavailable, entitlement }: Values): PlanContent {
  return { name, limits: limits.map(limitOf), whenUnavailable, entitlement: entitlementIn(entitlement) ?? [] };
}

/** By `<row>/<field>`; what is wrong with a whole row stands under the row alone. */
function faultsOfLimits(error: unknown): Record<string, string> {
  const fields = Object.entries(problemOf(error).fields());
  const own = fields.filter(([path]) => path.startsWith('limits/'));
  return Object.fromEntries(own.map(([path, message]) => [path.slice('limits/'.length), message]));
}
