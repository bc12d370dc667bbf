// A plan to fill in: a new one, or one that is there.

import type { Plan, PlanContent } from '@keyward/sdk/wire';
import { Select, Text, TextInput } from '@mantine/core';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { queries, sessionQuery } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { planWords } from '../../words/plans.ts';
import { type EntitlementValues, entitlementIn, entitlementValuesOf } from '../entitlements/entitlement.ts';
import { EntitlementField } from '../entitlements/field.tsx';
import { Narrowing } from '../entitlements/narrowing.tsx';
import { type LimitValues, limitOf, limitValuesOf, newLimit, useLimits } from './limit-values.ts';
import { LimitsField } from './limits-field.tsx';

const words = planWords.form;

interface Values {
  id: string;
  name: string;
  limits: LimitValues[];
  whenUnavailable: Plan['whenUnavailable'];
  entitlement: EntitlementValues;
}

export function PlanForm({ plan, onClose }: { plan: Plan | null; onClose: () => void }) {
  const limitsState = useLimits();
  const form = useForm<Values>({
    initial: valuesOf(plan),
    check: ({ id, name, limits }) => ({
      id: id.trim() === '' ? partWords.required : undefined,
      name: name.trim() === '' ? partWords.required : undefined,
      limits: limitsState.check(limits),
    }),
    send: async (values) => {
      const id = values.id.trim();
      // Whoever means a new plan must not replace one that there is.
      const save = () =>
        plan === null
          ? api.post<Plan>('/v1/plans', { id, ...contentOf(values) })
          : api.patch<Plan>(`/v1/plans/${part(id)}`, contentOf(values));
      await limitsState.sending(save);
      await invalidate('/v1/plans', '/v1/budget', '/v1/permissions', '/v1/journal');
      await queries.refetchQueries({ queryKey: sessionQuery.queryKey });
      showDone(words.saved(values.name));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.save} onCancel={onClose}>
      {plan === null && (
        <TextInput label={words.id} description={words.idText} data-autofocus {...form.text('id')} maxLength={64} />
      )}
      <TextInput label={words.name} {...form.text('name')} maxLength={200} />
      <LimitsField of="plan" state={limitsState} {...form.value('limits')} />
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
