// The plans as a table.

import type { Plan, PlanLimit } from '@keyward/sdk/wire';
import { Button, Group, Text } from '@mantine/core';
import { Mark } from '../../parts/mark.tsx';
import { Empty } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { useSession } from '../../session.ts';
import { entitlementWords } from '../../words/entitlements.ts';
import { planWords } from '../../words/plans.ts';
import { EntitlementCell } from '../entitlements/shown.tsx';
import { isForOrganizations } from './give.tsx';

const words = planWords.list;

export interface PlanTableProps {
  list: { items: Plan[] | undefined; error: Error | null; refetch: () => void };
  onEdit?: (plan: Plan) => void;
  onGive?: (plan: Plan) => void;
}

export function PlanTable({ list, onEdit, onGive }: PlanTableProps) {
  const { organization } = useSession();
  const columns: Column<Plan>[] = [
    {
      key: 'name',
      header: words.name,
      cell: ({ id, name }) => (
        <Group gap="xs">
          <div>
            <Text fz="sm" fw={600}>
              {name}
            </Text>
            <Text c="dimmed" className="kw-mono">
              {id}
            </Text>
          </div>
          {id === organization.planId && <Mark kind="busy">{words.yours}</Mark>}
        </Group>
      ),
    },
    { key: 'calls', header: words.calls, cell: (plan) => <Calls plan={plan} /> },
    { key: 'counted', header: words.counted, cell: (plan) => <Counted plan={plan} />, isWideOnly: true },
    {
      key: 'entitlement',
      header: entitlementWords.column,
      cell: ({ entitlement }) => <EntitlementCell entitlement={entitlement} />,
      isWideOnly: true,
    },
    {
      key: 'unavailable',
      header: words.unavailable,
      cell: ({ whenUnavailable }) => planWords.unavailable[whenUnavailable],
      isWideOnly: true,
    },
    ...(onEdit === undefined && onGive === undefined
      ? []
      : [
          {
            key: 'actions',
            header: words.actions,
            isHeaderHidden: true,
            align: 'right' as const,
            cell: (plan: Plan) => (
              <Group gap={6} justify="flex-end">
                {onEdit !== undefined && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={words.editOne(plan.name)}
                    onClick={() => onEdit(plan)}
                  >
                    {words.edit}
                  </Button>
                )}
                {onGive !== undefined && isForOrganizations(plan) && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={words.giveOne(plan.name)}
                    onClick={() => onGive(plan)}
                  >
                    {words.give}
                  </Button>
                )}
              </Group>
            ),
          },
        ]),
  ];
  return (
    <DataTable
      label={words.title}
      list={list}
      columns={columns}
      keyOf={({ id }) => id}
      expected={5}
      empty={
        <Empty icon="gauge" title={words.none}>
          {words.noneText}
        </Empty>
      }
    />
  );
}

function Calls({ plan: { limits } }: { plan: Plan }) {
  if (limits.length === 0) return <Text fz="sm">{words.unlimited}</Text>;
  return limits.map((limit) => <CallsOfOne key={`${limit.per} ${limit.windowMs}`} limit={limit} />);
}

function CallsOfOne({ limit: { limit, windowMs, cap, per } }: { limit: PlanLimit }) {
  return (
    <>
      <Text fz="sm">
        {limit.toLocaleString()} {planWords.window(windowMs)}
      </Text>
      {per === 'contributor' && cap !== null && (
        <Text fz={13} c="dimmed">
          {words.cap(cap.toLocaleString())}
        </Text>
      )}
    </>
  );
}

function Counted({ plan: { limits } }: { plan: Plan }) {
  return limits.map(({ per, windowMs }) => (
    <Text key={`${per} ${windowMs}`} fz="sm">
      {planWords.per[per]}
    </Text>
  ));
}
