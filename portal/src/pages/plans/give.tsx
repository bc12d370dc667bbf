// Giving a plan to an organization, with the number of contributors that multiplies it. For operators.

import type { Organization, OrganizationList, Plan, PlanLimit } from '@keyward/sdk/wire';
import { NumberInput, Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { queries, sessionQuery, useMay } from '../../session.ts';
import { planWords } from '../../words/plans.ts';
import { entitlementOf } from '../entitlements/entitlement.ts';
import { Narrowing } from '../entitlements/narrowing.tsx';

const words = planWords.give;

export interface GivePlanProps {
  plans: readonly Plan[];
  /** Whose plan it is; null asks for it. */
  organization: Pick<Organization, 'id' | 'name' | 'planId' | 'contributors'> | null;
  /** The plan that is chosen to begin with, where it is not the organization's own. */
  planId: string | null;
  onClose: () => void;
}

export function GivePlan({ plans, organization, planId, onClose }: GivePlanProps) {
  const [search, setSearch] = useState('');
  const found = useOrganizations(search, organization === null);
  const form = useForm<{ organization: string | null; planId: string | null; contributors: number | string }>({
    initial: {
      organization: organization?.id ?? null,
      planId: planId ?? (organization === null ? null : (organization.planId ?? noLimit)),
      contributors: organization?.contributors ?? 1,
    },
    check: (values) => ({
      organization: values.organization === null ? words.needed : undefined,
      planId: values.planId === null ? words.needed : undefined,
    }),
    send: async (values) => {
      const path = `/v1/organizations/${part(values.organization ?? '')}`;
      const body = {
        planId: planIdIn(values.planId ?? ''),
        contributors: Number(values.contributors),
      };
      const changed = await api.patch<Organization>(path, body);
      await invalidate('/v1/organizations', '/v1/budget', '/v1/permissions', '/v1/journal');
      await queries.refetchQueries({ queryKey: sessionQuery.queryKey });
      showDone(words.done(changed.name));
      onClose();
    },
  });
  const choose = (id: string | null) => {
    form.set('organization', id);
    const one = found.find((candidate) => candidate.id === id);
    if (one !== undefined) form.set('contributors', one.contributors);
  };
  const now = useOrganization(form.values.organization);
  const plan = plans.find(({ id }) => id === form.values.planId);
  return (
    <DialogForm form={form} go={words.go} onCancel={onClose}>
      {organization === null ? (
        <Select
          label={words.organization}
          placeholder={words.search}
          nothingFoundMessage={words.nothing}
          searchable
          data-autofocus
          searchValue={search}
          onSearchChange={setSearch}
          filter={({ options }) => options}
          data={found.map(({ id, name }) => ({ value: id, label: name }))}
          {...form.value('organization')}
          onChange={choose}
        />
      ) : (
        <Text fw={600}>{organization.name}</Text>
      )}
      <Select label={words.plan} data={planChoices(plans)} allowDeselect={false} {...form.value('planId')} />
      <NumberInput
        label={words.contributors}
        description={words.contributorsText}
        min={1}
        max={1_000_000}
        clampBehavior="none"
        allowDecimal={false}
        thousandSeparator=","
        {...form.value('contributors')}
      />
      {plan !== undefined && plan.limits.length > 0 && (
        <Text fz="sm" c="dimmed" aria-live="polite">
          {words.comesTo(plan.limits.map((limit) => callsOf(limit, form.values.contributors)).join(', '))}
        </Text>
      )}
      {now !== undefined && form.values.planId !== null && (
        <Narrowing
          before={entitlementOf(now, plans)}
          after={entitlementOf({ ...now, planId: planIdIn(form.values.planId) }, plans)}
          of={{ organization: now.id }}
        />
      )}
    </DialogForm>
  );
}

/** No plan has this id. */
export const noLimit = '-';

function planIdIn(chosen: string): string | null {
  return chosen === noLimit ? null : chosen;
}

/** The plans that an organization can have, and none. */
export function planChoices(plans: readonly Plan[]) {
  return [
    ...plans.filter(isForOrganizations).map(({ id, name }) => ({ value: id, label: name })),
    { value: noLimit, label: planWords.own.noLimit },
  ];
}

function useOrganizations(search: string, isEnabled: boolean): readonly Organization[] {
  const [wanted] = useDebouncedValue(search, 200);
  const query = { search: wanted, sort: 'name', limit: 20 };
  const { data } = useQuery({
    queryKey: ['/v1/organizations', query],
    queryFn: ({ signal }) => api.get<OrganizationList>('/v1/organizations', query, signal),
    placeholderData: keepPreviousData,
    enabled: isEnabled,
  });
  return data?.items ?? [];
}

/** As it is now, which may not be as it was when the page was loaded. */
function useOrganization(id: string | null): Organization | undefined {
  const { data } = useQuery({
    queryKey: ['/v1/organizations', id],
    queryFn: ({ signal }) => api.get<Organization>(`/v1/organizations/${part(id ?? '')}`, {}, signal),
    enabled: useMay('read:organization') && id !== null,
  });
  return data;
}

/** False for a plan that only counts by addresses, as that of calls without a credential. */
export function isForOrganizations({ limits }: Plan): boolean {
  return limits.length === 0 || limits.some(({ per }) => per !== 'address');
}

function callsOf({ limit, windowMs, per, cap }: PlanLimit, contributors: number | string): string {
  const count = Math.max(1, Number(contributors) || 1);
  const whole = per === 'contributor' ? Math.min(limit * count, cap ?? Number.MAX_SAFE_INTEGER) : limit;
  return planWords.callsOf(whole.toLocaleString(), planWords.window(windowMs));
}
