// Plans and limits: what the organization may spend and what is left of it right now, and the plans there are. Operators
// change plans here and give them to organizations.

import type { Plan, PlanList } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Forbidden } from '../parts/forbidden.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { useMay, useSession } from '../session.ts';
import { planWords as words } from '../words/plans.ts';
import { GivePlan } from './plans/give.tsx';
import { OwnPlan } from './plans/own.tsx';
import { PlanForm } from './plans/plan-form.tsx';
import { PlanTable } from './plans/plan-table.tsx';

type Open = { kind: 'new' } | { kind: 'edit'; plan: Plan } | { kind: 'give'; plan: Plan } | { kind: 'own' };

export function PlansPage() {
  const { organization } = useSession();
  const mayRead = useMay('read:plan');
  const mayChange = useMay('update:plan') && organization.isOperator;
  const mayGive = useMay('update:organization') && mayChange;
  const [opened, open] = useState<Open | null>(null);
  const close = () => open(null);
  const plans = useQuery({
    queryKey: ['/v1/plans'],
    queryFn: ({ signal }) => api.get<PlanList>('/v1/plans', {}, signal),
    enabled: mayRead,
  });
  if (!mayRead) return <Forbidden title={words.title} permission="read:plan" />;
  const items = plans.data?.items;
  return (
    <Page
      title={words.title}
      intro={words.intro}
      actions={
        mayChange && (
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => open({ kind: 'new' })}>
            {words.list.add}
          </Button>
        )
      }
    >
      <OwnPlan plans={items} {...(mayGive && { onChange: () => open({ kind: 'own' }) })} />
      <PlanTable
        list={{ items, error: plans.error, refetch: () => void plans.refetch() }}
        {...(mayChange && { onEdit: (plan: Plan) => open({ kind: 'edit', plan }) })}
        {...(mayGive && { onGive: (plan: Plan) => open({ kind: 'give', plan }) })}
      />
      <Dialog
        isOpen={opened?.kind === 'new' || opened?.kind === 'edit'}
        title={opened?.kind === 'edit' ? words.form.editTitle(opened.plan.name) : words.form.newTitle}
        size="lg"
        isLong
        onClose={close}
      >
        <PlanForm plan={opened?.kind === 'edit' ? opened.plan : null} onClose={close} />
      </Dialog>
      <Dialog isOpen={opened?.kind === 'give' || opened?.kind === 'own'} title={words.give.title} onClose={close}>
        <GivePlan
          plans={items ?? []}
          organization={opened?.kind === 'own' ? organization : null}
          planId={opened?.kind === 'give' ? opened.plan.id : null}
          onClose={close}
        />
      </Dialog>
    </Page>
  );
}
