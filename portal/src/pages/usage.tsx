// Usage: what became of calls over time, by credential and by path, and what to do about those that were refused. What
// is shown is in the address.

import type { UsageList } from '@keyward/sdk/wire';
import { Grid, Pill, SegmentedControl, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useParameters } from '../address.ts';
import { api, type Query } from '../api.ts';
import { operating } from '../navigation.ts';
import { Page } from '../parts/page.tsx';
import { Failed, Loaded, Loading, Panel } from '../parts/states.tsx';
import { holds, useMay, useSession } from '../session.ts';
import { partWords } from '../words/parts.ts';
import { usageWords as words } from '../words/usage.ts';
import type { UsageAnswer } from './usage/answer.ts';
import { CallsOverTime } from './usage/calls-over-time.tsx';
import { Organizations } from './usage/organizations.tsx';
import { type Range, rangeOf, timesOf } from './usage/range.ts';
import { RangePicker } from './usage/range-picker.tsx';
import { Reasons } from './usage/reasons.tsx';
import { Rules } from './usage/rules.tsx';
import { Sources } from './usage/sources.tsx';
import { Tiles } from './usage/tiles.tsx';

export function UsagePage() {
  const [parameters, change] = useParameters();
  const isEveryones = useMay('read:usage');
  // A present that stands still while one looks, so that the same question has the same answer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another range is asked about from another present.
  const range = useMemo(() => rangeOf(parameters, Date.now()), [JSON.stringify(parameters)]);
  const isOperating = useOperating();
  const { source } = parameters;
  const isRefusedOnly = parameters.show === 'refused';
  const asked = { from: timesOf(range)[0], until: range.until, source };
  const verdicts = useUsage({ ...asked, group: range.group, by: 'verdict' });
  const sources = useUsage({ ...asked, group: 'total', by: 'source' });
  const rules = useUsage({ ...asked, group: 'total', by: 'rule' });
  return (
    <Page title={words.title} intro={isEveryones ? words.intro : words.introOwn}>
      <RangePicker range={range} onChange={change} />
      {source !== undefined && source !== '' && (
        <Only name={nameOf(sources.data, source)} onRemove={() => change({ source: null }, 'push')} />
      )}
      {verdicts.data === undefined && verdicts.isError ? (
        <Failed error={verdicts.error} onRetry={() => void verdicts.refetch()} />
      ) : (
        <>
          <Tiles rows={verdicts.data?.items} />
          <Panel
            title={words.chart.title}
            {...(range.group === 'day' && { intro: words.dayNote })}
            actions={
              <SegmentedControl
                aria-label={words.chart.show}
                size="xs"
                transitionDuration={0}
                value={isRefusedOnly ? 'refused' : 'all'}
                onChange={(show) => change({ show: show === 'all' ? null : show })}
                data={[
                  { value: 'all', label: words.chart.all },
                  { value: 'refused', label: words.chart.onlyRefused },
                ]}
              />
            }
          >
            <Loaded query={verdicts} loading={<Loading rows={1} height={252} />}>
              {({ items }) => <CallsOverTime rows={items} range={range} isRefusedOnly={isRefusedOnly} />}
            </Loaded>
          </Panel>
          <Panel title={words.reasons.title} intro={words.reasons.intro}>
            <Loaded query={verdicts} loading={<Loading rows={3} height={40} />}>
              {({ items }) => <Reasons rows={items} />}
            </Loaded>
          </Panel>
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Sources query={sources} chosen={source} onChoose={(one) => change({ source: one }, 'push')} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Rules query={rules} />
            </Grid.Col>
          </Grid>
          {isEveryones && isOperating && !source && <OfOrganizations range={range} />}
        </>
      )}
    </Page>
  );
}

/** Whether the viewer may see the customers here; nobody does while working for one. */
function useOperating(): boolean {
  const { organization, permissions } = useSession();
  return organization.isOperator && [...operating, 'act:organization'].some((one) => holds(permissions, one));
}

function OfOrganizations({ range }: { range: Range }) {
  const asked = { from: timesOf(range)[0], until: range.until, group: 'total', by: 'organization' };
  const [all, allowed] = [useUsage(asked), useUsage({ ...asked, verdict: 'allowed' })];
  const limited = useUsage({ ...asked, verdict: 'rate_limited' });
  return <Organizations all={all} allowed={allowed} limited={limited} search={window.location.search} />;
}

function useUsage(query: Query): UsageAnswer {
  return useQuery({
    queryKey: ['/v1/usage', query],
    queryFn: ({ signal }) => api.get<UsageList>('/v1/usage', query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

function Only({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <Text component="div" mb="md">
      <Pill
        size="md"
        withRemoveButton
        onRemove={onRemove}
        removeButtonProps={{ 'aria-label': words.onlyRemove(name), 'aria-hidden': false, tabIndex: 0 }}
      >
        {words.only(name)}
      </Pill>
    </Text>
  );
}

function nameOf(list: UsageList | undefined, wanted: string): string {
  const found = list?.items.find(({ source }) => source !== undefined && `${source.type}:${source.id}` === wanted);
  return found?.source?.name ?? (list === undefined ? partWords.loading : wanted);
}
