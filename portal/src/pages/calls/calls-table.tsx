// Recent calls as a table: each with its verdict, and a way to why it was refused. Which calls is for whoever shows it.

import type { CallList, RecentCall } from '@keyward/sdk/wire';
import { Anchor, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Dialog } from '../../parts/dialog.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Empty } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { callsWords as words } from '../../words/calls.ts';
import classes from '../access/cell.module.css';
import { Why } from './explanation.tsx';
import { Credential, callOf, titleOf } from './shown.tsx';

interface CallsTableProps {
  query: UseQueryResult<CallList>;
  /** Left out where all are of one. */
  withCredential?: boolean;
  /** Says whose each is. */
  withOrganization?: boolean;
  expected?: number;
}

export function CallsTable({ query, withCredential = false, withOrganization = false, expected = 8 }: CallsTableProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  const { data, error, refetch } = query;
  const silent = data?.nodes.filter(({ answered }) => !answered).map(({ node }) => node) ?? [];
  return (
    <>
      {silent.length > 0 && (
        <Text fz="sm" role="status" mb="sm">
          {words.silent(silent)}
        </Text>
      )}
      <DataTable
        label={words.title}
        list={{ items: data?.items.map(withKey), error, refetch: () => void refetch() }}
        columns={columnsFor(setRefusal, withCredential, withOrganization)}
        keyOf={({ key }) => key}
        expected={expected}
        empty={
          <Empty icon="chart" title={words.none}>
            {words.noneText}
          </Empty>
        }
      />
      <Dialog isOpen={refusal !== null} title={words.explain.title} size="lg" onClose={() => setRefusal(null)}>
        {refusal !== null && <Why refusal={refusal} />}
      </Dialog>
    </>
  );
}

type Row = RecentCall & { key: string };

/** Two of the same moment are told apart by their place. */
const withKey = (call: RecentCall, index: number, all: readonly RecentCall[]): Row => ({
  ...call,
  key: `${call.at} ${call.node} ${all.length - index}`,
});

function columnsFor(explain: (refusal: string) => void, withCredential: boolean, withOrganization: boolean) {
  const columns: (Column<Row> | false)[] = [
    {
      key: 'verdict',
      header: words.columns.verdict,
      cell: (call) => (
        <>
          <Verdict call={call} onExplain={explain} />
          <span className={classes.phoneOnly}>
            {callOf(call)} {withCredential && <Credential call={call} />}
          </span>
        </>
      ),
    },
    {
      key: 'call',
      header: words.columns.call,
      isWideOnly: true,
      cell: (call) => (
        <>
          <span className="kw-mono">{callOf(call)}</span>
          <span className={classes.under} title={call.permissions.join(', ')}>
            {call.permissions.join(', ')}
          </span>
        </>
      ),
    },
    withCredential && {
      key: 'credential',
      header: words.columns.credential,
      isWideOnly: true,
      cell: (call) => (
        <>
          <Credential call={call} />
          {withOrganization && <span className={classes.under}>{call.organization?.name}</span>}
        </>
      ),
    },
    {
      key: 'from',
      header: words.columns.from,
      isWideOnly: true,
      cell: ({ address, userAgent }) => (
        <>
          <span className="kw-mono">{address}</span>
          <span className={classes.under} title={userAgent ?? undefined}>
            {userAgent}
          </span>
        </>
      ),
    },
    {
      key: 'at',
      header: words.columns.at,
      cell: ({ at, skipped }) => (
        <>
          <span className={classes.nowrap}>
            <When at={at} />
          </span>
          {skipped > 0 && <span className={classes.under}>{words.skipped(skipped)}</span>}
        </>
      ),
    },
  ];
  return columns.filter((column) => column !== false);
}

function Verdict({ call, onExplain }: { call: RecentCall; onExplain: (refusal: string) => void }): ReactNode {
  const { verdict, refusal } = call;
  return (
    <>
      {verdict === 'allowed' ? (
        <Mark kind="good">{words.allowed}</Mark>
      ) : (
        <>
          <Mark kind="warn">{words.refused}</Mark>
          <span className={classes.text}>{titleOf(verdict)}</span>
        </>
      )}
      {refusal !== null && (
        <Anchor
          component="button"
          display="block"
          fz={13}
          aria-label={words.whyOf(refusal)}
          onClick={() => onExplain(refusal)}
        >
          {verdict === 'allowed' ? words.observed : words.why}
        </Anchor>
      )}
    </>
  );
}
