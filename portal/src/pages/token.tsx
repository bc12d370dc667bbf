// One API token: what it is, what it may do, who uses it, and everything that can be done with it.

import type { TokenWithDescendants } from '@keyward/sdk/wire';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api, part } from '../api.ts';
import { Page } from '../parts/page.tsx';
import { Loading } from '../parts/states.tsx';
import { useMay } from '../session.ts';
import { tokenWords } from '../words/token.ts';
import { isGone, PendingPage } from './access/pending-page.tsx';
import { StateBadge } from './access/state-badge.tsx';
import { TokenActions } from './token/actions.tsx';
import { DescendantsPanel } from './token/descendants.tsx';
import { DetailsPanel } from './token/details.tsx';
import { JournalPanel } from './token/journal.tsx';
import { LimitsPanel } from './token/limits.tsx';
import { TokenOverlap } from './token/overlap.tsx';
import { PermissionsPanel } from './token/permissions.tsx';
import { SecretPanel } from './token/secret.tsx';
import { UsagePanel } from './token/usage.tsx';
import { useTokenRights } from './tokens/rights.ts';
import { stateOf } from './tokens/state.ts';

// Its table is not there at first: a visit that begins here does without.
const CallsPanel = lazy(async () => ({ default: (await import('./calls/panel.tsx')).CallsPanel }));
const words = tokenWords;
const back = { to: '/tokens', label: words.back } as const;

export function TokenPage() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ['/v1/tokens', id],
    queryFn: ({ signal }) => api.get<TokenWithDescendants>(`/v1/tokens/${part(id)}`, {}, signal),
  });
  if (data !== undefined && !isGone(error)) return <Shown token={data} />;
  const onRetry = () => void refetch();
  return <PendingPage title={words.one} icon="token" back={back} words={words} error={error} onRetry={onRetry} />;
}

function Shown({ token }: { token: TokenWithDescendants }) {
  const { mayChange, isOwn } = useTokenRights()(token);
  const maySeeJournal = useMay('read:journal');
  const maySeeAllUsage = useMay('read:usage');
  const maySeeAllCalls = useMay('read:call');
  return (
    <Page
      title={token.name}
      section="access"
      back={back}
      aside={<StateBadge state={stateOf(token)} />}
      actions={<TokenActions token={token} />}
    >
      {token.rotation !== null && <TokenOverlap id={token.id} rotation={token.rotation} mayChange={mayChange} />}
      <DetailsPanel token={token} mayChange={mayChange} />
      <SecretPanel token={token} />
      <PermissionsPanel token={token} mayChange={mayChange} />
      <LimitsPanel token={token} mayChange={mayChange} />
      {token.descendants.total > 0 && <DescendantsPanel id={token.id} descendants={token.descendants} />}
      {(isOwn || maySeeAllUsage) && <UsagePanel id={token.id} />}
      {(isOwn || maySeeAllCalls) && (
        <Suspense fallback={<Loading />}>
          <CallsPanel credential={`api_token:${token.id}`} />
        </Suspense>
      )}
      {maySeeJournal && <JournalPanel id={token.id} />}
    </Page>
  );
}
