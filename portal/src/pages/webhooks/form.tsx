// Making and changing a webhook: a dialog that is loaded when it is opened. Whether an address will do, the server says.

import { everyEvent } from '@keyward/rules/webhooks/events';
import type { CreatedWebhook, NewWebhook, Webhook } from '@keyward/sdk/wire';
import { NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { webhooksWords } from '../../words/webhooks.ts';
import { renewing } from '../access/renewing.ts';
import { EventsField } from './events-field.tsx';

const words = webhooksWords.form;
const usualDays = 7;

interface WebhookDialogProps {
  /** The one to change; null for a new one. */
  webhook: Webhook | null;
  isOpen: boolean;
  onMade?: (made: CreatedWebhook) => void;
  onClose: () => void;
}

export function WebhookDialog({ webhook, isOpen, onMade, onClose }: WebhookDialogProps) {
  const title = webhook === null ? words.title : words.changeTitle;
  return (
    <Dialog isOpen={isOpen} title={title} size="lg" isLong onClose={onClose}>
      <WebhookForm webhook={webhook} onClose={onClose} {...(onMade !== undefined && { onMade })} />
    </Dialog>
  );
}

interface Values {
  url: string;
  description: string;
  which: string;
  events: string[];
  days: number | string;
}

function WebhookForm({ webhook, onMade, onClose }: Omit<WebhookDialogProps, 'isOpen'>) {
  const isAll = webhook?.events.includes(everyEvent) ?? false;
  const form = useForm<Values>({
    initial: {
      url: webhook?.url ?? '',
      description: webhook?.description ?? '',
      which: webhook === null || isAll ? 'all' : 'some',
      events: isAll ? [] : (webhook?.events ?? []),
      days: webhook?.expiringDays ?? usualDays,
    },
    check: ({ url, which, events }) => ({
      ...(url.trim() === '' && { url: words.urlNeeded }),
      ...(which === 'some' && events.length === 0 && { events: words.eventsNeeded }),
    }),
    fieldOf: (path) => (path === 'expiringDays' ? 'days' : (path.split('/', 1)[0] ?? '')),
    send: async ({ url, description, which, events, days }) => {
      const wanted: NewWebhook = {
        url: url.trim(),
        description: description.trim(),
        events: which === 'all' ? [everyEvent] : events,
        expiringDays: Number(days),
      };
      if (webhook === null) {
        const made = await api.post<CreatedWebhook>('/v1/webhooks', wanted);
        await invalidate('/v1/webhooks', '/v1/journal');
        onMade?.(made);
        return;
      }
      const { url: address, ...others } = wanted;
      const change = address === webhook.url ? others : wanted;
      await renewing('webhook', ['/v1/webhooks', '/v1/journal'], () =>
        api.patch(`/v1/webhooks/${part(webhook.id)}`, change),
      );
      showDone(webhooksWords.saved);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={webhook === null ? words.go : accessWords.save} onCancel={onClose}>
      <TextInput
        label={words.url}
        description={words.urlHint}
        placeholder="https://hooks.example.com/keyward"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.text('url')}
      />
      <TextInput
        label={words.description}
        description={words.descriptionHint}
        autoComplete="off"
        {...form.text('description')}
      />
      <Radio.Group label={words.which} value={form.values.which} onChange={(which) => form.set('which', which)}>
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={words.all} description={words.allText} />
          <Radio value="some" label={words.some} description={words.someText} />
        </Stack>
      </Radio.Group>
      {form.values.which === 'some' && <EventsField {...form.value('events')} />}
      <NumberInput label={words.days} min={1} max={365} allowDecimal={false} {...form.value('days')} />
    </DialogForm>
  );
}
