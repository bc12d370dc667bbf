// One webhook: what it is sent and how it stands, and the messages that it was sent, with what was answered.

import type { Webhook } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { api } from '../api.ts';
import { Copyable } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Facts, Panel } from '../parts/states.tsx';
import { When } from '../parts/when.tsx';
import { webhooksWords, webhookWords as words } from '../words/webhooks.ts';
import { isGone, PendingPage } from './access/pending-page.tsx';
import { RowMenu } from './access/row-menu.tsx';
import { pathOf, useActions } from './webhooks/actions.tsx';
import { Deliveries } from './webhooks/deliveries.tsx';
import { eventsInWords, WebhookState } from './webhooks/state.tsx';

const back = { to: '/webhooks', label: words.back } as const;
const everyMs = 5000;
/** While something waits to be sent. */
const soonMs = 1000;

export function WebhookPage() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ['/v1/webhooks', id],
    queryFn: ({ signal }) => api.get<Webhook>(pathOf(id), {}, signal),
    refetchInterval: ({ state }) => (state.data?.nextTryAt == null ? everyMs : soonMs),
  });
  if (data !== undefined && !isGone(error)) return <Shown webhook={data} />;
  return (
    <PendingPage
      title={webhooksWords.one}
      icon="bell"
      back={back}
      words={words}
      section={null}
      error={error}
      onRetry={() => void refetch()}
    />
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const navigate = useNavigate();
  const { actionsFor, test, dialogs } = useActions({ onDeleted: () => navigate({ to: '/webhooks' }) });
  const trial = test(webhook);
  return (
    <Page
      title={webhook.description || webhooksWords.one}
      back={back}
      aside={<WebhookState webhook={webhook} />}
      actions={
        <>
          {trial !== false && (
            <Button variant="default" onClick={trial.onClick}>
              {trial.label}
            </Button>
          )}
          <RowMenu as="button" name={webhook.url} actions={actionsFor(webhook)} />
        </>
      }
    >
      <Panel title={words.details.title}>
        <Facts
          rows={[
            [words.details.url, <Copyable key="url" text={webhook.url} label={words.details.url} />],
            [words.details.events, webhook.events.includes('*') ? eventsInWords(webhook) : webhook.events.join(', ')],
            [words.details.days, words.details.daysAhead(webhook.expiringDays)],
            [words.details.created, <When key="created" at={webhook.createdAt} />],
            ...(webhook.failingSince === null
              ? []
              : [[words.details.failing, <When key="failing" at={webhook.failingSince} />] as const]),
            ...(webhook.nextTryAt === null || !webhook.active
              ? []
              : [[words.details.next, <When key="next" at={webhook.nextTryAt} />] as const]),
          ]}
        />
      </Panel>
      <Deliveries webhook={webhook} />
      {dialogs}
    </Page>
  );
}
