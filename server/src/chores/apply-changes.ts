// What this node does when the journal tells of a change: it forgets what the change may have touched, loads signing keys,
// plans and APIs anew, and only then tells its subscribers. How the journal is read belongs to follow-journal.ts.

import { keysOfOrganization } from '../core/checking/limit.ts';
import { budgetReset } from '../core/checking/reset-budget.ts';
import type { SubscriberRegistry } from '../core/feed/subscribers.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import type { JournalListener } from './follow-journal.ts';
import type { HeadKeeper } from './keep-journal-head.ts';
import { retry } from './retry.ts';

export interface ChangeTargets {
  credentials: { apply(entries: readonly JournalEntry[]): void; clear(): void };
  digests: { startOver(): void };
  keys: Reloadable;
  plans: Reloadable;
  apis: Reloadable;
  imported: Reloadable;
  /** Access tokens that were revoked; `credentials` tells it of each, so that it is loaded only when all is another. */
  revoked: Reloadable;
  /** Made, as the next, after the journal is followed. */
  limits: () => { wasReset(beginnings: readonly string[]): void };
  /** Made after the journal is followed, and there before it tells of anything. */
  subscribers: () => Pick<SubscriberRegistry, 'apply' | 'startOver'>;
  /** The head that is kept outside the database; null where none is. */
  head: Pick<HeadKeeper, 'saw' | 'rewind'> | null;
  /** Ends what is still being tried when the server stops. */
  stopping: AbortSignal;
  /** Told of each time that something did not load; it is tried again. */
  failed(error: unknown): void;
  logger: { error(detail: object, text: string): void };
}

interface Reloadable {
  reload(): Promise<void>;
}

const wentBack =
  'the database went back to an earlier state, as after a failover to a standby that lagged: changes that were confirmed ' +
  'may be lost. All that was remembered is forgotten, here and by whoever follows';

export function applyChanges(targets: ChangeTargets): JournalListener {
  const { credentials, digests, keys, plans, apis, imported, revoked, limits, subscribers } = targets;
  const { head, stopping, failed, logger } = targets;
  const reload = (what: Reloadable) => retry(what.reload, stopping, failed);
  return {
    apply(entries) {
      head?.saw(entries);
      credentials.apply(entries);
      const reset = entries.filter(({ action }) => action === budgetReset);
      for (const { subject } of reset) limits().wasReset(keysOfOrganization(subject.id));
      const touches = (type: string) => entries.some(({ subject }) => subject.type === type);
      const kept = { signing_key: keys, plan: plans, api: apis, import_recipe: imported };
      const reloads = Object.entries(kept).flatMap(([type, what]) => (touches(type) ? [reload(what)] : []));
      subscribers().apply(entries, reloads.length > 0 ? Promise.all(reloads) : undefined);
    },
    startOver(newest, lost) {
      logger.error({ head: newest, lost }, wentBack);
      head?.rewind();
      credentials.clear();
      digests.startOver();
      subscribers().startOver(newest, Promise.all([keys, plans, apis, imported, revoked].map(reload)));
    },
  };
}
