// What becomes of a person's API tokens when the person is deleted. Unless somebody says, they stay and are refused, as their
// owner is gone; here they end for good, or go to another owner, so that what runs with them goes on.

import { covers } from '@keyward/rules/permission';
import { type Caller, demand } from '../caller/caller.ts';
import { principalOf } from '../caller/principal.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError } from '../errors.ts';
import { deleteUser } from '../identity/user.ts';
import { entryOf } from '../journal/entry.ts';
import { subjectOf } from './api-token.ts';
import { demandHandover, findOwner, type Owner } from './api-token-owner.ts';
import type { Changes, Changing } from './ports.ts';
import type { ApiToken } from './records.ts';

/** `to`: who is to own them from now on. */
export type Fate = { tokens: 'end' } | { tokens: 'handover'; to: Owner };

type Nouns = 'users' | 'roles' | 'apiTokens' | 'credentials';

/**
 * As `deleteUser`, and in the same change ends the tokens that the person owns, which needs `delete:organization_api_key`, or
 * hands each to another owner, which needs what that takes (`updateApiToken`). Harmless when repeated; those of a person
 * who was deleted before are found too. `conflict`, and nothing is done, for more than 500 tokens, or if the new owner
 * does not hold all that one of them gives.
 */
export async function deleteUserWithTokens(
  ports: Changing<Nouns>,
  caller: Caller,
  id: string,
  fate: Fate,
): Promise<void> {
  await writeAs(ports, caller, async (changes) => {
    // First, so that whoever may not delete the person learns nothing of their tokens.
    await deleteUser({ ...ports, store: { write: (change) => change(changes) } }, caller, id);
    const page = { limit: most, sort: 'createdAt', descending: false } as const;
    const { items, next } = await changes.apiTokens.list(caller.organization.id, page, { ownerId: id });
    if (next !== null) {
      throw new KeywardError(
        'conflict',
        `They own more than ${most} API tokens. Hand over or delete some of them first.`,
      );
    }
    const at = ports.clock();
    for (const listed of items) {
      // As it is now, and stays until this is done.
      const token = await changes.apiTokens.find(listed.organizationId, listed.id);
      if (token?.owner.id !== id || token.lifecycle.deletedAt !== null) continue;
      if (fate.tokens === 'end') await endOne(changes, caller, token, at);
      else await handOver(changes, caller, token, fate.to, at);
    }
  });
}

const most = 500;

async function endOne(changes: Changes<Nouns>, caller: Caller, token: ApiToken, at: number): Promise<void> {
  demand(caller, 'delete:organization_api_key');
  if (!(await changes.apiTokens.delete(token.organizationId, token.id, at))) return;
  const detail = { formerOwner: token.owner };
  changes.journal(entryOf(caller, at, 'api_token.deleted', subjectOf(token.id), detail));
}

async function handOver(
  changes: Changes<Nouns>,
  caller: Caller,
  token: ApiToken,
  owner: Owner,
  at: number,
): Promise<void> {
  const record = await findOwner(changes.credentials, caller, owner);
  if (record === null) throw invalid(['query', 'to'], 'There is no such user or API user in the organization.');
  const lacking = token.permissions.find((one) => !covers(principalOf(record).permissions, one));
  if (lacking !== undefined) {
    const text = `The new owner's role does not hold ${lacking}, which the API token ${JSON.stringify(token.name)} gives.`;
    throw new KeywardError('conflict', `${text} Hand that one to somebody else, narrow it or delete it first.`);
  }
  await demandHandover(changes.credentials, caller, { ...token, owner });
  await changes.apiTokens.update(token.organizationId, token.id, {
    owner,
    sealedSecret: null,
    updatedAt: at,
    endsAccess: true,
  });
  const detail = { owner, previousOwner: token.owner };
  changes.journal(entryOf(caller, at, 'api_token.changed', subjectOf(token.id), detail));
}
