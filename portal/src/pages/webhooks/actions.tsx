// What can be done with a webhook, from its row and from its page, and the questions before it.

import type { CreatedWebhook, Repeated, Webhook } from '@keyward/sdk/wire';
import { lazy, type ReactNode, useState } from 'react';
import { api, part } from '../../api.ts';
import { showDone, showProblem } from '../../parts/notice.ts';
import { WhenOpened } from '../../parts/when-opened.tsx';
import { useMay } from '../../session.ts';
import { webhooksWords as words } from '../../words/webhooks.ts';
import { useChosen } from '../access/chosen.ts';
import { useQuestion } from '../access/question.tsx';
import { renewing } from '../access/renewing.ts';
import type { RowAction } from '../access/row-menu.tsx';
import { MadeWebhook } from './made.tsx';

const WebhookDialog = lazy(async () => ({ default: (await import('./form.tsx')).WebhookDialog }));

export interface WebhookActs {
  /** What its viewer may do with one. */
  actionsFor: (webhook: Webhook) => (RowAction | false)[];
  test: (webhook: Webhook) => RowAction | false;
  /** To be placed on the page. */
  dialogs: ReactNode;
}

export function pathOf(id: string): string {
  return `/v1/webhooks/${part(id)}`;
}

export function useActions({ onDeleted }: { onDeleted?: () => Promise<void> } = {}): WebhookActs {
  const edited = useChosen<Webhook>();
  const [renewed, setRenewed] = useState<CreatedWebhook | null>(null);
  const [mayUpdate, mayDelete] = [useMay('update:webhook'), useMay('delete:webhook')];
  const [question, ask] = useQuestion('/v1/webhooks', '/v1/journal');
  const { act } = words;

  /** Does it, and says so. */
  const now = (id: string, change: () => Promise<string>) =>
    void renewing('webhook', ['/v1/webhooks', `${pathOf(id)}/deliveries`, '/v1/journal'], change)
      .then(showDone)
      .catch(showProblem);
  const switchOn = (id: string) =>
    now(id, async () => {
      await api.patch(pathOf(id), { active: true });
      return words.switchedOn;
    });
  const switchOff = (id: string) =>
    ask({
      what: 'webhook',
      title: words.off.title,
      text: words.off.text,
      go: act.off,
      done: words.off.done,
      act: () => api.patch(pathOf(id), { active: false }),
    });
  const rotate = (id: string) =>
    ask({
      what: 'webhook',
      title: words.rotate.title,
      text: words.rotate.text,
      go: words.rotate.go,
      act: async () => setRenewed(await api.post<CreatedWebhook>(`${pathOf(id)}/rotate`)),
    });
  const repeat = (id: string) =>
    now(id, async () => words.repeated((await api.post<Repeated>(`${pathOf(id)}/repeat`)).repeated));
  const remove = (id: string) =>
    ask({
      what: 'webhook',
      title: words.delete.title,
      text: words.delete.text,
      go: act.delete,
      isDangerous: true,
      done: words.delete.done,
      act: async () => {
        await api.delete(pathOf(id));
        await onDeleted?.();
      },
    });
  const test: WebhookActs['test'] = ({ id, active }) =>
    mayUpdate &&
    active && {
      label: act.test,
      icon: 'bell',
      onClick: () =>
        now(id, async () => {
          await api.post(`${pathOf(id)}/test`);
          return words.tested;
        }),
    };

  return {
    test,
    actionsFor: (webhook) => {
      const { id, active } = webhook;
      return [
        mayUpdate && { label: act.change, icon: 'pen', onClick: () => edited.open(webhook) },
        test(webhook),
        mayUpdate && { label: act.repeat, icon: 'rotate', onClick: () => repeat(id) },
        mayUpdate && { label: act.rotate, icon: 'token', onClick: () => rotate(id) },
        mayUpdate &&
          (active
            ? { label: act.off, icon: 'close', onClick: () => switchOff(id) }
            : { label: act.on, icon: 'check', onClick: () => switchOn(id) }),
        mayDelete && { label: act.delete, icon: 'trash', isDangerous: true, onClick: () => remove(id) },
      ];
    },
    dialogs: (
      <>
        {question}
        <WhenOpened isOpen={edited.isOpen}>
          {edited.row !== null && (
            <WebhookDialog key={edited.row.id} webhook={edited.row} isOpen={edited.isOpen} onClose={edited.close} />
          )}
        </WhenOpened>
        <MadeWebhook made={renewed} title={words.rotate.made} onClose={() => setRenewed(null)} />
      </>
    ),
  };
}
