// What a later journal says of an older database: whatever ended, narrowed or changed access after the backup is done again, as it
// was left in the end. It makes no credential that the backup lacks, as no secret enters the journal. An action that is not known here
// suspends what it touched.

import type { JournalEntry } from '../journal/entry.ts';
import { changing } from './changed-nouns.ts';
import { isHarmless } from './harmless.ts';
import type { RestoringChanges } from './ports.ts';
import { type Suspendable, suspendables } from './records.ts';

/** What a replay came to, added up over its entries. */
export interface ReplayOutcome {
  notReplayed: Record<string, number>;
  needNewSecret: Record<'user' | 'api_user' | 'api_token' | 'application', number>;
  /** An entry after which everything must stand suspended, and why. */
  suspendsAll: string | null;
}

export function newOutcome(): ReplayOutcome {
  return {
    notReplayed: {},
    needNewSecret: { user: 0, api_user: 0, api_token: 0, application: 0 },
    suspendsAll: null,
  };
}

/** Does again what the entry tells of, as far as the backup has it. `at`: when. */
export async function replay(
  changes: RestoringChanges,
  entry: JournalEntry,
  at: number,
  outcome: ReplayOutcome,
): Promise<void> {
  const { action } = entry;
  if (action === 'server.restored') {
    // What that restore suspended, and why, is in a database that is not this one.
    outcome.suspendsAll = `the later journal has a restore of its own, entry ${entry.seq}`;
    return;
  }
  if (isHarmless(action) || (await endAgain(changes, entry, outcome)) || (await changeAgain(changes, entry))) return;
  outcome.notReplayed[action] = (outcome.notReplayed[action] ?? 0) + 1;
  if (!(await suspendTouched(changes, entry, at))) outcome.suspendsAll = `${action}, entry ${entry.seq}, is not known`;
}

/** True for what ends something, or undoes that. */
async function endAgain(changes: RestoringChanges, entry: JournalEntry, outcome: ReplayOutcome): Promise<boolean> {
  const { action, subject, at, detail } = entry;
  const { id } = subject;
  const organizationId = entry.organizationId ?? '';
  const { restoring } = changes;
  const [noun = '', done = ''] = action.split('.');
  switch (done) {
    case 'deactivated':
    case 'activated':
    case 'deleted':
    case 'restored':
      if (detail.because === 'leaked' && noun === 'api_token')
        await changes.apiTokens.markLeaked(organizationId, id, { leakEndsAt: at });
      if (isLiving(noun)) return liveAgain(changes, noun, { organizationId, id, at }, done, detail.cutOff === true);
      break;
    case 'rotated':
    case 'password_changed':
    case 'password_reset':
    case 'password_chosen':
      if (!isSecretive(noun)) break;
      if (await restoring.loseSecret(noun, id)) outcome.needNewSecret[noun] += 1;
      return true;
  }
  switch (action) {
    case 'api_token.leaked':
      await changes.apiTokens.markLeaked(organizationId, id, { leakedAt: at });
      return true;
    case 'api_token.previous_secret_ended':
      await restoring.endOverlap('api_token', id);
      return true;
    case 'api_user.previous_password_ended':
      await restoring.endOverlap('api_user', id);
      return true;
    case 'user.second_factor_added':
    case 'user.second_factor_removed':
      await restoring.loseSecondFactor(id, at);
      return true;
    case 'user.recovery_code_used':
      await restoring.dropRecoveryCodes(id);
      return true;
    case 'signing_key.revoked':
      await changes.signingKeys.revoke(id, at);
      return true;
    case 'authorization.ended':
      await restoring.dropAuthorizations({ id });
      return true;
    case 'application.access_ended':
      await restoring.dropAuthorizations({ application: id });
      return true;
    case 'import_recipe.deleted':
      await restoring.dropRecipe(id);
      return true;
    case 'webhook.deleted':
      await restoring.dropWebhook(id);
      return true;
    case 'webhook.changed':
    case 'webhook.rotated':
    case 'webhook.switched_off':
      await restoring.stopWebhook(id, at);
      return true;
    case 'federated_credential.deleted':
      await changes.federatedCredentials.delete(organizationId, id);
      return true;
    case 'role.deleted':
      await changes.roles.delete(organizationId, id);
      return true;
    case 'plan.deleted':
      await changes.plans.delete(id);
      return true;
    case 'permission.deleted':
      await changes.permissions.delete(id);
      return true;
    case 'api.deleted':
      await restoring.dropApi(id);
      return true;
    default:
      return false;
  }
}

type Living = Suspendable;
const isLiving = (noun: string): noun is Living => (suspendables as readonly string[]).includes(noun);

const isSecretive = (noun: string): noun is 'user' | 'api_user' | 'api_token' | 'application' =>
  isLiving(noun) && noun !== 'organization';

async function liveAgain(
  changes: RestoringChanges,
  noun: Living,
  { organizationId, id, at }: { organizationId: string; id: string; at: number },
  done: 'deactivated' | 'activated' | 'deleted' | 'restored',
  cutOff: boolean,
): Promise<boolean> {
  if (noun === 'organization') {
    const { organizations } = changes;
    if (done === 'restored') return false;
    if (done === 'deactivated') await organizations.deactivate(id, at);
    else if (done === 'activated') await organizations.activate(id);
    else await organizations.delete(id, at);
    return true;
  }
  const verbs = {
    user: changes.users,
    api_user: changes.apiUsers,
    api_token: changes.apiTokens,
    application: changes.applications,
  }[noun];
  if (done === 'deactivated') await verbs.deactivate(organizationId, id, at, cutOff);
  else if (done === 'activated') await verbs.activate(organizationId, id);
  else if (done === 'deleted') {
    await verbs.delete(organizationId, id, at);
    if (noun === 'application') await changes.restoring.dropAuthorizations({ application: id });
  } else {
    if (!('restore' in verbs)) return false;
    await verbs.restore(organizationId, id);
  }
  return true;
}

/** True for what changes a noun in a way that its entry tells whole. */
async function changeAgain(changes: RestoringChanges, entry: JournalEntry): Promise<boolean> {
  const change = changing[entry.action];
  if (change === undefined) return false;
  const { members, apply } = change;
  // `run`: which run of changes it was one of.
  if (Object.keys(entry.detail).some((member) => member !== 'run' && !members.includes(member))) return false;
  return apply(changes, entry);
}

/** False where it cannot be said what it touched. */
async function suspendTouched(
  { restoring }: RestoringChanges,
  { subject, organizationId }: JournalEntry,
  at: number,
): Promise<boolean> {
  if (isLiving(subject.type)) {
    // One that the backup does not have was made after it, and is not there to be revived.
    await restoring.suspend(subject.type, subject.id, at);
    return true;
  }
  return organizationId !== null && (await restoring.suspend('organization', organizationId, at));
}
