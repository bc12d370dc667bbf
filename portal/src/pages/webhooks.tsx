// Webhooks: where the organization has what happens sent, and how each stands.

import type { CreatedWebhook, Webhook, WebhookList } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, useState } from 'react';
import { api } from '../api.ts';
import { Forbidden } from '../parts/forbidden.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { WhenOpened } from '../parts/when-opened.tsx';
import { useMay } from '../session.ts';
import { webhooksWords as words } from '../words/webhooks.ts';
import classes from './access/cell.module.css';
import { RowMenu } from './access/row-menu.tsx';
import { useActions, type WebhookActs } from './webhooks/actions.tsx';
import { MadeWebhook } from './webhooks/made.tsx';
import { eventsInWords, WebhookState } from './webhooks/state.tsx';

const WebhookDialog = lazy(async () => ({ default: (await import('./webhooks/form.tsx')).WebhookDialog }));

/** Whether receivers hear may change at any time. */
const everyMs = 10_000;

export function WebhooksPage() {
  const [maySee, mayCreate] = [useMay('read:webhook'), useMay('create:webhook')];
  const [isNew, creation] = useDisclosure(false);
  const [made, setMade] = useState<CreatedWebhook | null>(null);
  const navigate = useNavigate();
  const { actionsFor, dialogs } = useActions();
  const { data, error, refetch } = useQuery({
    queryKey: ['/v1/webhooks'],
    queryFn: ({ signal }) => api.get<WebhookList>('/v1/webhooks', {}, signal),
    enabled: maySee,
    refetchInterval: everyMs,
  });
  if (!maySee) return <Forbidden title={words.title} permission="read:webhook" />;
  const create = mayCreate && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={creation.open}>
      {words.create}
    </Button>
  );
  return (
    <Page title={words.title} intro={words.intro} actions={create}>
      <DataTable
        label={words.title}
        list={{ items: data?.items, error, refetch: () => void refetch() }}
        columns={columnsFor(actionsFor)}
        keyOf={({ id }) => id}
        expected={3}
        empty={
          <Empty icon="bell" title={words.none} action={create}>
            {words.noneText}
          </Empty>
        }
      />
      {dialogs}
      <WhenOpened isOpen={isNew}>
        <WebhookDialog
          webhook={null}
          isOpen={isNew}
          onClose={creation.close}
          onMade={(created) => {
            creation.close();
            setMade(created);
          }}
        />
      </WhenOpened>
      <MadeWebhook
        made={made}
        title={words.made}
        onClose={() => {
          setMade(null);
          if (made !== null) void navigate({ to: '/webhooks/$id', params: { id: made.id }, ignoreBlocker: true });
        }}
      />
    </Page>
  );
}

function columnsFor(actionsFor: WebhookActs['actionsFor']): readonly Column<Webhook>[] {
  const { columns } = words;
  return [
    {
      key: 'url',
      header: columns.url,
      cell: (webhook) => (
        <>
          <Link to="/webhooks/$id" params={{ id: webhook.id }} className={classes.main}>
            {webhook.url}
          </Link>
          {webhook.description !== '' && <span className={classes.under}>{webhook.description}</span>}
          <span className={classes.phoneOnly}>
            <WebhookState webhook={webhook} />
          </span>
        </>
      ),
    },
    {
      key: 'state',
      header: columns.state,
      isWideOnly: true,
      cell: (webhook) => <WebhookState webhook={webhook} />,
    },
    { key: 'events', header: columns.events, isWideOnly: true, cell: eventsInWords },
    {
      key: 'actions',
      header: columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (webhook) => <RowMenu name={webhook.url} actions={actionsFor(webhook)} />,
    },
  ];
}
