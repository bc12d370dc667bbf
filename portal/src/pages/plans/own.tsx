// The organization's own plan, and its budget as it stands: looked at every few seconds, which spends nothing.

import type { BudgetState, Organization, Plan } from '@keyward/sdk/wire';
import { Button, SemiCircleProgress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { actingFor } from '../../acting.ts';
import { api, part } from '../../api.ts';
import { Facts, Loaded, Loading, Panel } from '../../parts/states.tsx';
import { useMay, useSession } from '../../session.ts';
import { duration } from '../../words/durations.ts';
import { planWords } from '../../words/plans.ts';
import classes from './own.module.css';

const words = planWords.own;
const everyMs = 3000;

type Limited = Extract<BudgetState, { limit: number }>;

export function OwnPlan({ plans, onChange }: { plans: readonly Plan[] | undefined; onChange?: () => void }) {
  const session = useSession();
  const { id } = session.organization;
  const budget = useQuery({
    queryKey: ['/v1/budget'],
    queryFn: ({ signal }) => api.get<BudgetState>('/v1/budget', {}, signal),
    refetchInterval: everyMs,
  });
  // The session says what was so at its beginning.
  const now = useQuery({
    queryKey: ['/v1/organizations', id],
    queryFn: ({ signal }) => api.get<Organization>(`/v1/organizations/${part(id)}`, {}, signal),
    enabled: useMay('read:organization'),
    refetchInterval: 10 * everyMs,
  });
  const { planId, contributors } = now.data ?? session.organization;
  const plan = plans?.find((one) => one.id === planId);
  return (
    <Panel
      title={actingFor === null ? words.title : session.organization.name}
      {...(onChange && {
        actions: (
          <Button variant="default" size="sm" onClick={onChange}>
            {words.change}
          </Button>
        ),
      })}
    >
      <div className={classes.own}>
        <div className={classes.gauge}>
          <Loaded query={budget} loading={<Loading rows={1} height={168} />}>
            {(state) =>
              state.plan === null ? <Text c="dimmed">{words.unlimited}</Text> : <Gauge budget={state as Limited} />
            }
          </Loaded>
        </div>
        <Facts
          rows={[
            [words.plan, plan?.name ?? planId ?? words.noLimit],
            [words.contributors, contributors.toLocaleString()],
            ...(isLimited(budget.data) ? [[words.comesTo, <Limits key="limits" budget={budget.data} />] as const] : []),
            ...(plan?.limits.length === 1
              ? plan.limits.map(({ per }) => [words.countedBy, planWords.perText[per]] as const)
              : []),
          ]}
        />
      </div>
    </Panel>
  );
}

function Gauge({ budget }: { budget: Limited }) {
  const { limit, remaining, windowMs } = budget;
  const share = Math.max(0, Math.min(100, (remaining / limit) * 100));
  const left = remaining.toLocaleString();
  const wait = (ms: number) => (ms < 1000 ? words.soon : words.in(duration(ms)));
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a meter element cannot be drawn like this. */}
      <div
        role="meter"
        aria-label={words.meter}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={remaining}
        aria-valuetext={`${words.left(left)} ${words.of(limit.toLocaleString(), planWords.window(windowMs))}`}
      >
        <SemiCircleProgress
          value={share}
          size={220}
          thickness={16}
          filledSegmentColor={share > 20 ? 'var(--kw-accent)' : 'var(--mantine-color-error)'}
          emptySegmentColor="var(--kw-line)"
          label={
            <span className={classes.left}>
              <span className={classes.number}>{left}</span>
              <span className={classes.of}>{words.left('').trim()}</span>
            </span>
          }
          labelPosition="bottom"
          aria-hidden
        />
      </div>
      <Text fz="sm" ta="center">
        {words.used((limit - remaining).toLocaleString(), planWords.lately(windowMs))}
      </Text>
      <Text fz="sm" c="dimmed" ta="center" mih={44} maw={260}>
        {remaining >= limit
          ? words.full
          : remaining < 1
            ? words.spent(wait(budget.retryAfterMs || budget.resetMs))
            : words.next(wait(budget.resetMs))}
      </Text>
    </>
  );
}

/** One alone as it is; of several what is left of each. */
function Limits({ budget: { limits } }: { budget: Limited }) {
  return limits.map(({ name, limit, remaining, windowMs }) => {
    const [all, window] = [limit.toLocaleString(), planWords.window(windowMs)];
    return (
      <Text key={name} fz="sm">
        {limits.length === 1 ? planWords.callsOf(all, window) : words.alsoLeft(remaining.toLocaleString(), all, window)}
      </Text>
    );
  });
}

function isLimited(state: BudgetState | undefined): state is Limited {
  return state !== undefined && state.plan !== null;
}
