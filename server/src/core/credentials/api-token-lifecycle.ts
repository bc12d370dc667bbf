// What ends and revives an API token: deactivate, activate, delete, restore. Each takes effect at once, everywhere.

import { type Caller, managesOwn, may } from '../caller/caller.ts';
import { demandReleased } from '../caller/credential-lifecycle.ts';
import { writeAs } from '../caller/write-as.ts';
import { notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { locate, subjectOf, type TokenHandle, takenIn } from './api-token.ts';
import { demandPrivilege } from './api-token-privilege.ts';
import type { Changes, Changing } from './ports.ts';
import type { ApiToken } from './records.ts';
import { demandPerson, wasEndedByLeak } from './states.ts';

/** Refuses it from now on and ends every access token made from it. Harmless when repeated. */
export async function deactivateApiToken(
  ports: Changing<'apiTokens' | 'credentials'>,
  caller: Caller,
  handle: TokenHandle,
): Promise<ApiToken> {
  return changeLifecycle(ports, caller, handle, 'update', 'deactivated', (changes, token, at) =>
    changes.apiTokens.deactivate(token.organizationId, token.id, at),
  );
}

/**
 * Lets the same secret work again; access tokens from before stay dead. Harmless when repeated. As to whoever hands it
 * out, all that the token can do must be the caller's to grant; one that ended because it leaked, only a person lets work again.
 */
export async function activateApiToken(
  ports: Changing<'apiTokens' | 'credentials'>,
  caller: Caller,
  handle: TokenHandle,
): Promise<ApiToken> {
  return changeLifecycle(ports, caller, handle, 'update', 'activated', async (changes, token) => {
    if (wasEndedByLeak(token)) demandPerson(caller);
    await demandPrivilege(changes.credentials, caller, token);
    demandReleased(token.lifecycle);
    return changes.apiTokens.activate(token.organizationId, token.id);
  });
}

/** Deletes it, which frees its name, and ends every access token made from it. Harmless when repeated. */
export async function deleteApiToken(
  ports: Changing<'apiTokens' | 'credentials'>,
  caller: Caller,
  handle: TokenHandle,
): Promise<ApiToken> {
  return changeLifecycle(ports, caller, handle, 'delete', 'deleted', (changes, token, at) =>
    changes.apiTokens.delete(token.organizationId, token.id, at),
  );
}

/** Undoes a deletion. Asks for what activating it does. `conflict` if its name or external id was taken meanwhile. */
export async function restoreApiToken(
  ports: Changing<'apiTokens' | 'credentials'>,
  caller: Caller,
  id: string,
): Promise<ApiToken> {
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    const token = await changes.apiTokens.find(caller.organization.id, id);
    if (token === null || token.lifecycle.deletedAt === null || !mayRestore(caller, token)) {
      throw notFound('deleted API token');
    }
    await demandPrivilege(changes.credentials, caller, token);
    if (!(await changes.apiTokens.restore(token.organizationId, id))) {
      throw (await takenIn(changes.apiTokens, token)) ?? notFound('deleted API token');
    }
    changes.journal(entryOf(caller, at, 'api_token.restored', subjectOf(id)));
    return (await changes.apiTokens.find(token.organizationId, id)) ?? token;
  });
}

async function changeLifecycle(
  ports: Changing<'apiTokens' | 'credentials'>,
  caller: Caller,
  handle: TokenHandle,
  verb: 'update' | 'delete',
  done: string,
  apply: (changes: Changes<'apiTokens' | 'credentials'>, token: ApiToken, at: number) => Promise<boolean>,
): Promise<ApiToken> {
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    const token = await locate(changes.apiTokens, caller, handle, verb);
    if (!(await apply(changes, token, at))) return token;
    changes.journal(entryOf(caller, at, `api_token.${done}`, subjectOf(token.id)));
    return (await changes.apiTokens.find(token.organizationId, token.id)) ?? token;
  });
}

function mayRestore(caller: Caller, token: ApiToken): boolean {
  if (may(caller, 'delete:organization_api_key')) return true;
  return managesOwn(caller) && token.owner.id === caller.owner.id;
}
