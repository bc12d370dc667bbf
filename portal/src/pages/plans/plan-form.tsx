// A plan to fill in: a new one, or one that is there.

import type { Plan, PlanContent } from '@keyward/sdk/wire';
import { Group, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { partWords } from '../../words/parts.ts';
import { planWords } from '../../words/plans.ts';

const words = planWords.form;
const units = Object.keys(words.units).map(Number);

interface Values {
  id: string;
  name: string;
  limit: number | string;
  window: number | string;
  unit: string;
  per: Plan['per'];
  cap: number | string;
  whenUnavailable: Plan['whenUnavailable'];
}

export function PlanForm({ plan, onClose }: { plan: Plan | null; onClose: () => void }) {
  const form = useForm<Values>({
    initial: valuesOf(plan),
    check: ({ id, name, limit, window, cap, per }) => ({
      id: id.trim() === '' ? partWords.required : undefined,
      name: name.trim() === '' ? partWords.required : undefined,
      limit: isCount(limit) ? undefined : words.whole,
      window: isCount(window) ? undefined : words.whole,
      cap: per !== 'contributor' || cap === '' || isCount(cap) ? undefined : words.whole,
    }),
    fieldOf: (path) => (path === 'windowMs' ? 'window' : path),
    send: async (values) => {
      const id = values.id.trim();
      // Whoever means a new plan must not replace one that there is.
      if (plan === null) await api.post<Plan>('/v1/plans', { id, ...contentOf(values) });
      else await api.put<Plan>(`/v1/plans/${part(id)}`, { ...contentOf(values), entitlement: plan.entitlement });
      await invalidate('/v1/plans', '/v1/budget', '/v1/journal');
      showDone(words.saved(values.name));
      onClose();
    },
  });
  const { per } = form.values;
  return (
    <DialogForm form={form} go={words.save} onCancel={onClose}>
      {plan === null && (
        <TextInput label={words.id} description={words.idText} data-autofocus {...form.text('id')} maxLength={64} />
      )}
      <TextInput label={words.name} {...form.text('name')} maxLength={200} />
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false} wrap="nowrap">
        <NumberInput
          label={words.limit}
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          thousandSeparator=","
          hideControls
          {...form.value('limit')}
        />
        <NumberInput
          label={words.window}
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          hideControls
          {...form.value('window')}
        />
        <Select
          label={words.unit}
          data={units.map((ms) => ({ value: String(ms), label: words.units[ms] ?? '' }))}
          allowDeselect={false}
          {...form.value('unit')}
          onChange={(unit) => unit !== null && form.set('unit', unit)}
        />
      </Group>
      <Select
        label={words.per}
        description={planWords.perText[per]}
        data={Object.entries(planWords.per).map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        value={per}
        onChange={(value) => value !== null && form.set('per', value as Plan['per'])}
      />
      {per === 'contributor' && (
        <NumberInput
          label={words.cap}
          description={words.capText}
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          thousandSeparator=","
          hideControls
          {...form.value('cap')}
        />
      )}
      <Select
        label={words.unavailable}
        data={Object.entries(planWords.unavailable).map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        value={form.values.whenUnavailable}
        onChange={(value) => value !== null && form.set('whenUnavailable', value as Plan['whenUnavailable'])}
      />
      {plan !== null && (
        <Text fz="sm" c="dimmed">
          {words.note}
        </Text>
      )}
    </DialogForm>
  );
}

function valuesOf(plan: Plan | null): Values {
  const windowMs = plan?.windowMs ?? 3_600_000;
  const unit = units.toSorted((a, b) => b - a).find((ms) => windowMs % ms === 0) ?? 1000;
  return {
    id: plan?.id ?? '',
    name: plan?.name ?? '',
    limit: plan?.limit ?? '',
    window: windowMs / unit,
    unit: String(unit),
    per: plan?.per ?? 'organization',
    cap: plan?.cap ?? '',
    whenUnavailable: plan?.whenUnavailable ?? 'local',
  };
}

function contentOf({ name, limit, window, unit, per, cap, whenUnavailable }: Values): PlanContent {
  return {
    name,
    limit: Number(limit),
    windowMs: Number(window) * Number(unit),
    per,
    whenUnavailable,
    ...(per === 'contributor' && cap !== '' && { cap: Number(cap) }),
  };
}

function isCount(value: number | string): boolean {
  const count = value === '' ? 0 : Number(value);
  return Number.isInteger(count) && count >= 1;
}
