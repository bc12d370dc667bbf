// Webhooks: where an organization has Keyward send what happens, signed. Who changes one sees what it is sent from then on, so
// it takes a permission of its own and a confirmed session.

import { type Caller, demand, demandConfirmed } from '../../caller/caller.ts';
import type { Acting } from '../../caller/ports.ts';
import { writeAs } from '../../caller/write-as.ts';
import { fold } from '../../collation.ts';
import { KeywardError, notFound } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Journalled, JournalReads } from '../../journal/ports.ts';
import { firstPage, type Page, type PageRequest } from '../../page.ts';
import type { Sealer } from '../../sealer.ts';
import { newId } from '../../secret.ts';
import { everyEvent } from './event-types.ts';
import type { WebhookSender, WebhookStoreChanges, WebhookStoreReads } from './ports.ts';
import type { SigningWebhook, Webhook } from './records.ts';
import { checkedFields, type NewWebhook, usualExpiringDays, type WebhookChange } from './wanted-webhook.ts';
import { generateWebhookSecret, sealSecret } from './webhook-secret.ts';

export type Changing = Acting<WebhookStoreChanges & Journalled> & { store: { journal: Pick<JournalReads, 'head'> } };
export type Reading = { store: WebhookStoreReads };

/** The secret is told this once. */
export interface MadeWebhook {
  webhook: Webhook;
  secret: string;
}

const mostOfOne = 20;
/** For how long the secret from before a rotation signs too, unless told. */
const usualOverlapMs = 86_400_000;

/** It is sent what happens from now on. Needs `create:webhook` and a confirmed session. */
export async function createWebhook(
  ports: Changing & { sealer: Pick<Sealer, 'seal'>; webhookSender: Pick<WebhookSender, 'refuses'> },
  caller: Caller,
  wanted: NewWebhook,
): Promise<MadeWebhook> {
  demand(caller, 'create:webhook');
  const at = ports.clock();
  const fields = checkedFields(ports.webhookSender, wanted);
  demandConfirmed(caller, at);
  const id = newId();
  const secret = generateWebhookSecret();
  const webhook: SigningWebhook = {
    events: [everyEvent],
    description: '',
    expiringDays: usualExpiringDays,
    url: wanted.url,
    ...fields,
    id,
    organizationId: caller.organization.id,
    createdAt: at,
    createdBy: caller.id,
    deactivatedAt: null,
    deactivatedFor: null,
    failingSince: null,
    nextTryAt: null,
    sealedSecret: sealSecret(ports.sealer, id, secret),
    previous: null,
  };
  const head = await ports.store.journal.head();
  return writeAs(ports, caller, async (changes) => {
    const others = await changes.webhooks.list(webhook.organizationId);
    if (others.length >= mostOfOne) {
      throw new KeywardError('conflict', `An organization has at most ${mostOfOne} webhooks. Delete one first.`);
    }
    await changes.webhooks.insert(webhook, head);
    changes.journal(entryOf(caller, at, 'webhook.created', subjectOf(id), told(webhook)));
    return { webhook: shown(webhook), secret };
  });
}

/** By when they were made. Needs `read:webhook`. */
export async function listWebhooks(
  { store }: Reading,
  caller: Caller,
  { limit, after, search = '', descending }: Omit<PageRequest, 'sort'> = firstPage,
): Promise<Page<Webhook>> {
  demand(caller, 'read:webhook');
  const all = (await store.webhooks.list(caller.organization.id)).map(shown);
  const wanted = fold(search);
  const matching = all.filter(({ url, description }) => fold(`${url} ${description}`).includes(wanted));
  const ordered = descending ? matching.toReversed() : matching;
  // There are few: nobody pages through more than twenty.
  const from = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after.id) + 1;
  const items = ordered.slice(from, from + limit);
  const last = items.at(-1);
  const next = last !== undefined && from + limit < ordered.length ? { key: last.createdAt, id: last.id } : null;
  return { items, next };
}

/** Needs `read:webhook`. */
export async function readWebhook({ store }: Reading, caller: Caller, id: string): Promise<Webhook> {
  demand(caller, 'read:webhook');
  return shown(demandThere(await store.webhooks.find(caller.organization.id, id)));
}

/**
 * What waits is sent to the new address. One that is switched off is sent nothing of what happens meanwhile; what waited is
 * sent when it is switched on. Needs `update:webhook` and, where it is sent to another address, a confirmed session.
 */
export async function updateWebhook(
  ports: Changing & { webhookSender: Pick<WebhookSender, 'refuses'> },
  caller: Caller,
  id: string,
  { active, ...change }: WebhookChange,
): Promise<Webhook> {
  demand(caller, 'update:webhook');
  const at = ports.clock();
  const fields = checkedFields(ports.webhookSender, change);
  if (change.url !== undefined) demandConfirmed(caller, at);
  const head = await ports.store.journal.head();
  return writeAs(ports, caller, async (changes) => {
    const before = demandThere(await changes.webhooks.find(caller.organization.id, id));
    const isSwitchedOn = active === true && before.deactivatedAt !== null;
    const isSwitchedOff = active === false && before.deactivatedAt === null;
    const isTriedAnew = isSwitchedOn || (fields.url !== undefined && fields.url !== before.url);
    const next: SigningWebhook = {
      ...before,
      ...fields,
      ...(isSwitchedOn && { deactivatedAt: null, deactivatedFor: null }),
      ...(isSwitchedOff && { deactivatedAt: at }),
      ...(isTriedAnew && { failingSince: null, nextTryAt: at }),
    };
    await changes.webhooks.update(next, isSwitchedOn ? head : undefined);
    const switched = (isSwitchedOn || isSwitchedOff) && { active };
    changes.journal(entryOf(caller, at, 'webhook.changed', subjectOf(id), { ...told(fields), ...switched }));
    return shown(next);
  });
}

/**
 * Another secret, told this once; for `overlapMs`, a day unless told, messages are signed with the one before too. Needs
 * `update:webhook` and a confirmed session.
 */
export async function rotateWebhookSecret(
  ports: Changing & { sealer: Pick<Sealer, 'seal'> },
  caller: Caller,
  id: string,
  { overlapMs = usualOverlapMs }: { overlapMs?: number } = {},
): Promise<MadeWebhook> {
  demand(caller, 'update:webhook');
  const at = ports.clock();
  demandConfirmed(caller, at);
  const secret = generateWebhookSecret();
  const sealedSecret = sealSecret(ports.sealer, id, secret);
  return writeAs(ports, caller, async (changes) => {
    const before = demandThere(await changes.webhooks.find(caller.organization.id, id));
    const previous = overlapMs > 0 ? { sealedSecret: before.sealedSecret, endsAt: at + overlapMs } : null;
    const next = { ...before, sealedSecret, previous };
    await changes.webhooks.update(next);
    changes.journal(entryOf(caller, at, 'webhook.rotated', subjectOf(id), { overlapMs }));
    return { webhook: shown(next), secret };
  });
}

/** With all that it was sent, and what waits. Needs `delete:webhook`. */
export async function deleteWebhook(ports: Changing, caller: Caller, id: string): Promise<void> {
  demand(caller, 'delete:webhook');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const webhook = demandThere(await changes.webhooks.find(caller.organization.id, id));
    if (!(await changes.webhooks.delete(caller.organization.id, id))) throw notFound('webhook');
    changes.journal(entryOf(caller, at, 'webhook.deleted', subjectOf(id), told({ url: webhook.url })));
  });
}

export function subjectOf(id: string) {
  return { type: 'webhook', id };
}

export function demandThere<W extends Webhook>(webhook: W | null): W {
  if (webhook === null) throw notFound('webhook');
  return webhook;
}

/** Without what it is signed with. */
function shown({ sealedSecret, previous, ...webhook }: SigningWebhook): Webhook {
  return webhook;
}

/** For the journal: of the address only the host, as receivers know some callers by what stands behind it. */
function told({ url, events, description, expiringDays }: Partial<Webhook>): Record<string, unknown> {
  return {
    ...(url !== undefined && { host: new URL(url).host }),
    ...(events !== undefined && { events }),
    ...(description !== undefined && description !== '' && { description }),
    ...(expiringDays !== undefined && { expiringDays }),
  };
}
