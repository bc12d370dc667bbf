// The operators' view of organizations: which there are, what they may spend, and their beginning and end.

import type { Organization, PlanList, ServerSettings } from '@keyward/sdk/wire';
import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, useState } from 'react';
import { api } from '../api.ts';
import { operating } from '../navigation.ts';
import { ExternalIdFilter } from '../parts/external-id.tsx';
import { Icon } from '../parts/icon.tsx';
import { useList } from '../parts/list.ts';
import { Mark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { SecretDialog } from '../parts/secret.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, DataTable, Toolbar } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { WhenOpened } from '../parts/when-opened.tsx';
import { holds, useMay, useSession } from '../session.ts';
import { entitlementWords } from '../words/entitlements.ts';
import { organizationWords as words } from '../words/organizations.ts';
import { planWords } from '../words/plans.ts';
import { EntitlementCell } from './entitlements/shown.tsx';
import { type Act, Actions } from './organizations/actions.tsx';
import type { Chosen } from './organizations/change-dialog.tsx';
import { useActivation } from './organizations/change-dialogs.tsx';
import type { MadeOwner } from './organizations/owner.tsx';

const CreateDialog = lazy(async () => ({ default: (await import('./organizations/create-dialog.tsx')).CreateDialog }));
const ChangeDialog = lazy(async () => ({ default: (await import('./organizations/change-dialog.tsx')).ChangeDialog }));

type Opened = { act: 'create' } | Chosen;

export function OrganizationsPage() {
  const session = useSession();
  const isAllowed = session.organization.isOperator && operating.some((one) => holds(session.permissions, one));
  const mayCreate = useMay('create:organization');
  const mayReadPlans = useMay('read:plan');
  const [opened, open] = useState<Opened | null>(null);
  const [made, setMade] = useState<MadeOwner | null>(null);
  const list = useList<Organization>('/v1/organizations', {
    filters: ['externalId'],
    sort: { by: 'createdAt', order: 'desc' },
    isEnabled: isAllowed,
  });
  const settings = useQuery({
    queryKey: ['/v1/settings'],
    queryFn: ({ signal }) => api.get<ServerSettings>('/v1/settings', {}, signal),
  });
  const plans = useQuery({
    queryKey: ['/v1/plans'],
    queryFn: ({ signal }) => api.get<PlanList>('/v1/plans', {}, signal),
    enabled: isAllowed && mayReadPlans,
  });
  const [question, { activate, deactivate }] = useActivation();
  if (!isAllowed) {
    return (
      <Page title={words.title}>
        <Empty icon="building" title={words.title}>
          {words.operatorsOnly}
        </Empty>
      </Page>
    );
  }
  const planName = (id: string | null) =>
    id === null ? planWords.own.noLimit : (plans.data?.items.find((plan) => plan.id === id)?.name ?? id);
  const close = () => open(null);
  const chosen = opened !== null && opened.act !== 'create' ? opened : null;
  const act = (wanted: Act, organization: Organization) => {
    if (wanted === 'activate') activate(organization);
    else if (wanted === 'deactivate') deactivate(organization);
    else open({ act: wanted, organization });
  };
  const columns: Column<Organization>[] = [
    {
      key: 'name',
      header: words.columns.name,
      sort: 'name',
      cell: ({ name, externalId, isOperator }) => (
        <Group gap="xs">
          <div>
            <Text fz="sm" fw={600}>
              {name}
            </Text>
            {externalId !== null && (
              <Text c="dimmed" fz={13} title={words.externalId.title(name)}>
                {externalId}
              </Text>
            )}
          </div>
          {isOperator && <Mark kind="busy">{words.operator}</Mark>}
        </Group>
      ),
    },
    { key: 'plan', header: words.columns.plan, cell: ({ planId }) => planName(planId), isWideOnly: true },
    {
      key: 'contributors',
      header: words.columns.contributors,
      align: 'right',
      isWideOnly: true,
      cell: ({ contributors }) => contributors.toLocaleString(),
    },
    {
      key: 'entitlement',
      header: entitlementWords.column,
      isWideOnly: true,
      cell: ({ entitlement }) =>
        entitlement === null ? (
          <Text fz="sm" c="dimmed">
            {entitlementWords.asPlan}
          </Text>
        ) : (
          <EntitlementCell entitlement={entitlement} />
        ),
    },
    {
      key: 'state',
      header: words.columns.state,
      cell: ({ active }) => <Mark kind={active ? 'good' : 'off'}>{active ? words.active : words.inactive}</Mark>,
    },
    {
      key: 'created',
      header: words.columns.created,
      sort: 'createdAt',
      isWideOnly: true,
      cell: ({ createdAt }) => <When at={createdAt} />,
    },
    {
      key: 'actions',
      header: words.columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 56,
      cell: (organization) => <Actions organization={organization} onAct={act} />,
    },
  ];
  return (
    <Page
      title={words.title}
      intro={words.intro}
      actions={
        mayCreate && (
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => open({ act: 'create' })}>
            {words.add}
          </Button>
        )
      }
    >
      <Toolbar list={list} searchLabel={words.search} filters={<ExternalIdFilter list={list} />} />
      <DataTable
        label={words.title}
        list={list}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty icon="building" title={words.none}>
            {words.noneText}
          </Empty>
        }
      />
      <WhenOpened isOpen={opened?.act === 'create'}>
        <CreateDialog
          isOpen={opened?.act === 'create'}
          plans={plans.data?.items ?? []}
          defaultPlan={settings.data?.defaultPlan ?? 'free'}
          onMade={setMade}
          onClose={close}
        />
      </WhenOpened>
      <WhenOpened isOpen={chosen !== null}>
        <ChangeDialog chosen={chosen} plans={plans.data?.items ?? []} onMade={setMade} onClose={close} />
      </WhenOpened>
      {question}
      <SecretDialog
        isOpen={made !== null}
        title={words.made.title(made?.organization ?? '')}
        note={words.made.note}
        values={[
          { label: words.made.email, text: made?.email ?? '' },
          { label: words.made.password, text: made?.password ?? '' },
        ]}
        fileName={`${made?.organization ?? 'organization'}-owner.txt`}
        onClose={() => setMade(null)}
      />
    </Page>
  );
}
