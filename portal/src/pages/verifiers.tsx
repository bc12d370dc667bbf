// Verifiers: who follows the feed, how far behind each is, and the last receipt. Looked at every few seconds.

import type { LatestReceipt, Verifier, VerifierList } from '@keyward/sdk/wire';
import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../api.ts';
import { Code } from '../parts/copy.tsx';
import { Forbidden } from '../parts/forbidden.tsx';
import { Mark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Facts, Loaded, Panel } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../session.ts';
import { duration } from '../words/durations.ts';
import { journalWords } from '../words/journal.ts';
import { verifierWords as words } from '../words/verifiers.ts';

const everyMs = 3000;

export function VerifiersPage() {
  const mayRead = useMay('follow:feed', 'read:journal');
  const query = { enabled: mayRead, refetchInterval: everyMs };
  const verifiers = useQuery({
    queryKey: ['/v1/verifiers'],
    queryFn: ({ signal }) => api.get<VerifierList>('/v1/verifiers', {}, signal),
    ...query,
  });
  const latest = useQuery({
    queryKey: ['/v1/receipts/latest'],
    queryFn: ({ signal }) => api.get<LatestReceipt>('/v1/receipts/latest', {}, signal),
    ...query,
  });
  if (!mayRead) return <Forbidden title={words.title} permission="read:journal" />;
  const { data, error, refetch } = verifiers;
  return (
    <Page title={words.title} intro={words.intro}>
      <Stack gap="lg">
        <div>
          <DataTable
            label={words.title}
            list={{ items: data?.items, error, refetch: () => void refetch() }}
            columns={columns}
            keyOf={({ name, node, connectedAt }) => `${name} ${node} ${connectedAt}`}
            expected={3}
            empty={<None />}
          />
        </div>
        <Panel title={words.receipt.title} intro={words.receipt.intro}>
          <Loaded query={latest}>{({ receipt }) => <Receipt receipt={receipt} />}</Loaded>
        </Panel>
      </Stack>
    </Page>
  );
}

const columns: Column<Verifier>[] = [
  {
    key: 'name',
    header: words.columns.name,
    cell: ({ name, address }) => (
      <>
        <Text fz="sm" fw={600}>
          {name}
        </Text>
        <Text c="dimmed" className="kw-mono">
          {address}
        </Text>
      </>
    ),
  },
  { key: 'state', header: words.columns.state, cell: (verifier) => <State verifier={verifier} /> },
  {
    key: 'acknowledged',
    header: words.columns.acknowledged,
    isWideOnly: true,
    cell: ({ acknowledgedAt, cursor }) => (
      <>
        <When at={acknowledgedAt} never={words.notYet} />
        <Text fz={13} c="dimmed">
          {words.position(cursor.toLocaleString())}
        </Text>
      </>
    ),
  },
  {
    key: 'connected',
    header: words.columns.connected,
    isWideOnly: true,
    cell: ({ connectedAt }) => <When at={connectedAt} />,
  },
  {
    key: 'node',
    header: words.columns.node,
    isWideOnly: true,
    cell: ({ node }) => <span className="kw-mono">{node}</span>,
  },
];

function State({ verifier: { lagMs, disconnectedAt } }: { verifier: Verifier }) {
  if (disconnectedAt !== null) return <Mark kind="off">{words.lost}</Mark>;
  if (lagMs === 0) return <Mark kind="good">{words.upToDate}</Mark>;
  const wait = lagMs < 1000 ? words.ms(Math.round(lagMs).toLocaleString()) : duration(lagMs);
  return <Mark kind="warn">{words.behind(wait)}</Mark>;
}

function None() {
  const text = `import { createVerifier } from '@keyward/sdk';

const verifier = createVerifier({
  url: '${window.location.origin}',
  credential: { apiToken: process.env.KEYWARD_TOKEN },
});
await verifier.ready();`;
  return (
    <Empty
      icon="radar"
      title={words.none}
      action={
        <Button component={Link} to="/tokens" variant="default" size="sm">
          {words.makeToken}
        </Button>
      }
    >
      {words.noneText}
      <Text component="div" ta="left" mt="md" c="var(--mantine-color-text)">
        <Code text={text} label={words.code} />
      </Text>
    </Empty>
  );
}

function Receipt({ receipt }: { receipt: LatestReceipt['receipt'] }) {
  const mayReadJournal = useMay('read:journal');
  if (receipt === null) {
    return (
      <Text fz="sm" c="dimmed">
        {words.receipt.none}
      </Text>
    );
  }
  const { action, subject, at, effective, of, slowestMs, waitingFor, seq } = receipt;
  const done = action === null ? words.receipt.unknown : (journalWords.actions[action] ?? action);
  return (
    <Facts
      rows={[
        [
          words.receipt.what,
          <>
            {words.receipt.on(done, subject.id)}{' '}
            {mayReadJournal && (
              <Anchor
                component={Link}
                to="/journal"
                search={{ entry: String(seq) } as never}
                fz="sm"
                underline="always"
              >
                {words.receipt.entry}
              </Anchor>
            )}
          </>,
        ],
        [words.receipt.when, <When key="at" at={at} form="exact" />],
        [words.receipt.reached, effective === of ? words.receipt.all(of) : words.receipt.reachedOf(effective, of)],
        ...(slowestMs === null
          ? []
          : [[words.receipt.slowest, words.ms(Math.round(slowestMs).toLocaleString())] as const]),
        [words.receipt.waiting, waitingFor.length === 0 ? words.receipt.nobody : waitingFor.join(', ')],
      ]}
    />
  );
}
