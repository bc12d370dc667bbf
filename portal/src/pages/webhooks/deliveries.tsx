// What a webhook was sent: a list that renews itself, and one message with what was answered.

import type { Webhook, WebhookDelivery } from '@keyward/sdk/wire';
import { Group, Select, Stack, Text, UnstyledButton } from '@mantine/core';
import { useEffect } from 'react';
import { api, part } from '../../api.ts';
import { Code } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useList } from '../../parts/list.ts';
import { Mark } from '../../parts/mark.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { Empty, Panel } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { useMay } from '../../session.ts';
import { webhookWords } from '../../words/webhooks.ts';
import classes from '../access/cell.module.css';
import { useChosen } from '../access/chosen.ts';
import { renewing } from '../access/renewing.ts';
import { RowMenu } from '../access/row-menu.tsx';
import { pathOf } from './actions.tsx';

const words = webhookWords.deliveries;
const kinds = { waiting: 'busy', delivered: 'good', dead: 'warn' } as const;
const everyMs = 3000;
/** While something is under way. */
const soonMs = 1000;

export function Deliveries({ webhook: { id } }: { webhook: Webhook }) {
  const path = `${pathOf(id)}/deliveries`;
  // It has one order, which the server does not take by name.
  const list = useList<WebhookDelivery>(path, { filters: ['status'] });
  const { refetch } = list;
  const shown = useChosen<WebhookDelivery>();
  const mayRepeat = useMay('update:webhook');
  const isUnderWay = list.items?.some(({ status }) => status === 'waiting') === true;
  useEffect(() => {
    const look = () => document.visibilityState === 'visible' && refetch();
    const timer = setInterval(look, isUnderWay ? soonMs : everyMs);
    return () => clearInterval(timer);
  }, [refetch, isUnderWay]);
  const repeat = (delivery: WebhookDelivery) =>
    void renewing('message', [path, '/v1/webhooks'], () =>
      api.post(`/v1/webhook-deliveries/${part(delivery.id)}/repeat`),
    )
      .then(() => showDone(words.repeating))
      .catch(showProblem);
  const columns: readonly Column<WebhookDelivery>[] = [
    {
      key: 'event',
      header: words.columns.event,
      cell: (delivery) => (
        <>
          <UnstyledButton className={classes.main} fz="sm" onClick={() => shown.open(delivery)}>
            {delivery.event}
          </UnstyledButton>
          <span className={classes.under}>
            <When at={delivery.createdAt} />
          </span>
        </>
      ),
    },
    {
      key: 'status',
      header: words.columns.status,
      cell: ({ status }) => <Mark kind={kinds[status]}>{words.statuses[status]}</Mark>,
    },
    {
      key: 'answer',
      header: words.columns.answer,
      isWideOnly: true,
      cell: ({ answer }) => answer && answerShortly(answer),
    },
    {
      key: 'tries',
      header: words.columns.tries,
      isWideOnly: true,
      align: 'right',
      cell: ({ tries }) => tries.toLocaleString(),
    },
    {
      key: 'tried',
      header: words.columns.tried,
      isWideOnly: true,
      cell: ({ triedAt }) => <When at={triedAt} never={words.never} />,
    },
    {
      key: 'actions',
      header: words.columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (delivery) => (
        <RowMenu
          name={delivery.event}
          actions={[
            { label: words.show, icon: 'eye', onClick: () => shown.open(delivery) },
            mayRepeat &&
              delivery.status !== 'waiting' && {
                label: words.repeat,
                icon: 'rotate',
                onClick: () => repeat(delivery),
              },
          ]}
        />
      ),
    },
  ];
  return (
    <Panel title={words.title} intro={words.intro}>
      <Group mb="sm">
        <Select
          aria-label={words.status}
          placeholder={words.anyStatus}
          data={Object.entries(words.statuses).map(([value, label]) => ({ value, label }))}
          value={list.filter('status')}
          onChange={(status) => list.setFilter('status', status)}
          clearable
          w={200}
        />
      </Group>
      <DataTable
        label={words.title}
        list={list}
        columns={columns}
        keyOf={(delivery) => delivery.id}
        expected={3}
        empty={
          <Empty icon="bell" title={words.none}>
            {words.noneText}
          </Empty>
        }
      />
      <Dialog isOpen={shown.isOpen} title={webhookWords.delivery.title} size="lg" onClose={shown.close}>
        {shown.row !== null && <Message delivery={list.items?.find((one) => one.id === shown.row?.id) ?? shown.row} />}
      </Dialog>
    </Panel>
  );
}

function answerShortly({ status, failure }: NonNullable<WebhookDelivery['answer']>): string {
  if (failure !== null) return webhookWords.delivery.shortly[failure] ?? failure;
  return String(status);
}

function Message({ delivery: { id, request, answer } }: { delivery: WebhookDelivery }) {
  const { delivery: texts } = webhookWords;
  return (
    <Stack gap="md">
      <Labelled label={texts.id} text={id} />
      <Labelled label={texts.request} text={inLines(request)} />
      <div>
        <Text fz="sm" fw={600} mb={4}>
          {texts.answer}
        </Text>
        {answer === null && <Text fz="sm">{texts.noAnswer}</Text>}
        {answer !== null && answer.status !== null && (
          <Text fz="sm">{texts.status(answer.status, answer.durationMs)}</Text>
        )}
        {answer?.failure != null && <Text fz="sm">{texts.failures[answer.failure] ?? answer.failure}</Text>}
        {answer !== null &&
          answer.status !== null &&
          (answer.body === '' ? (
            <Text c="dimmed" fz="sm">
              {texts.empty}
            </Text>
          ) : (
            <Code text={answer.body} label={texts.answer} />
          ))}
      </div>
    </Stack>
  );
}

function Labelled({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Text fz="sm" fw={600} mb={4}>
        {label}
      </Text>
      <Code text={text} label={label} />
    </div>
  );
}

/** JSON as people read it. */
function inLines(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2);
}
