// The operators' view of organizations: which there are, what they may spend, and their beginning and end.

import type { Organization, PlanList, ServerSettings } from '@keyward/sdk/wire';
import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, useState } from 'react';
import { api } from '../api.ts';
import { operating } from '../navigation.ts';
import { Dialog } from '../parts/dialog.tsx';
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
import { ChangeEntitlement } from './entitlements/change.tsx';
import { EntitlementCell } from './entitlements/shown.tsx';
import { type Act, Actions } from './organizations/actions.tsx';
import { DeleteForm, ExternalIdForm, RenameForm, useActivation } from './organizations/change-dialogs.tsx';
import { type MadeOwner, OwnerForm } from './organizations/owner.tsx';
import { GivePlan } from './plans/give.tsx';

const CreateDialog = lazy(async () => ({ default: (await import('./organizations/create-dialog.tsx')).CreateDialog }));

type Opened = { act: 'create' } | { act: Exclude<Act, 'activate'>; organization: Organization };

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
      <Dialog isOpen={chosen !== null} title={chosen === null ? '' : titleOf(chosen)} onClose={close}>
        {chosen?.act === 'plan' && (
          <GivePlan plans={plans.data?.items ?? []} organization={chosen.organization} planId={null} onClose={close} />
        )}
        {chosen?.act === 'entitlement' && (
          <ChangeEntitlement plans={plans.data?.items ?? []} organization={chosen.organization} onClose={close} />
        )}
        {chosen?.act === 'rename' && <RenameForm organization={chosen.organization} onClose={close} />}
        {chosen?.act === 'externalId' && <ExternalIdForm organization={chosen.organization} onClose={close} />}
        {chosen?.act === 'owner' && <OwnerForm organization={chosen.organization} onMade={setMade} onClose={close} />}
        {chosen?.act === 'delete' && <DeleteForm organization={chosen.organization} onClose={close} />}
      </Dialog>
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

function titleOf({ act, organization: { name } }: Extract<Opened, { organization: Organization }>): string {
  if (act === 'rename') return words.rename.title(name);
  if (act === 'externalId') return words.externalId.title(name);
  if (act === 'owner') return words.owner.title(name);
  if (act === 'entitlement') return entitlementWords.change.title(name);
  if (act === 'plan') return planWords.give.titleFor(name);
  return act === 'delete' ? words.delete.title(name) : words.deactivate.title(name);
}
