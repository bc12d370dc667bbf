// Rotation of an API token: it gets a new secret, and the one before works beside it for a while (overlap.ts).

import { type Caller, demandConfirmed, may } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clocked } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { Sealer } from '../sealer.ts';
import { digestOf, generateApiToken, hintsOf } from '../secret.ts';
import type { Setting } from '../settings.ts';
import { locate, subjectOf, type TokenHandle } from './api-token.ts';
import { demandPrivilege } from './api-token-privilege.ts';
import { checkOverlap, endPrevious, keepPrevious, overlapsOf, type Previous } from './overlap.ts';
import type { Changing, Reading } from './ports.ts';
import type { ApiToken, PreviousSecret } from './records.ts';

/**
 * Gives the token a new secret, with the server's present prefix, which is answered this once; the old one works for
 * `overlapMs` more, and is `previous`. Without an overlap everything ends at once that was made from it. Needs what changing
 * the token needs, a confirmed session, and every permission that the new secret will have. Of many callers at once exactly
 * one rotates it; `conflict` for the others, and while the overlap of an earlier rotation lasts, unless this one has none.
 */
export async function rotateApiToken(
  ports: Reading<'apiTokens'> &
    Changing<'apiTokens' | 'usage' | 'credentials' | Previous> & {
      sealer: Pick<Sealer, 'seal'>;
    } & Setting<'tokenPrefix'>,
  caller: Caller,
  handle: TokenHandle,
  overlapMs: number,
): Promise<{ token: ApiToken; secret: string; previous: PreviousSecret | undefined }> {
  checkOverlap(overlapMs);
  const at = ports.clock();
  const before = await locate(ports.store.apiTokens, caller, handle, 'update');
  demandConfirmed(caller, at);
  const { tokenPrefix } = ports.settings;
  const secret = generateApiToken(before.id, tokenPrefix);
  const hints = { digest: digestOf(secret), ...hintsOf(secret, tokenPrefix) };
  const sealedSecret = before.sealedSecret === null ? null : ports.sealer.seal('readable-token', secret, before.id);
  return writeAs(ports, caller, async (changes) => {
    const token = await locate(changes.apiTokens, caller, { id: before.id }, 'update');
    const { id, organizationId } = token;
    await demandPrivilege(changes.credentials, caller, token);
    const next = { ...hints, sealedSecret, updatedAt: at, endsAccess: overlapMs === 0 };
    // Whoever read the same secret and came first has won.
    if (!(await changes.apiTokens.replaceSecret(organizationId, id, before.digest, next))) throw rotatedMeanwhile();
    const replaced = { sourceId: id, organizationId, digest: before.digest };
    const previous = await keepPrevious(changes, 'previousSecrets', replaced, at, overlapMs);
    changes.journal(entryOf(caller, at, 'api_token.rotated', subjectOf(id), { previousUntil: at + overlapMs }));
    return { token: (await changes.apiTokens.find(organizationId, id)) ?? token, secret, previous };
  });
}

/** Ends the overlap now. Needs what changing the token needs. `not_found` if there is none. */
export async function endOverlap(
  ports: Changing<'apiTokens' | 'previousSecrets'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const token = await locate(changes.apiTokens, caller, { id }, 'update');
    await endPrevious(changes, 'previousSecrets', caller, token, at);
  });
}

/** The rotations that these tokens are in, by id. As `lastUsesOf`, only of tokens that the caller may see. */
export async function rotationsOf(
  ports: Reading<'previousSecrets'> & Clocked,
  caller: Caller,
  tokens: readonly ApiToken[],
): Promise<ReadonlyMap<string, PreviousSecret>> {
  const all = may(caller, 'read:organization_api_key');
  const ids = tokens.filter((token) => all || token.owner.id === caller.owner.id).map(({ id }) => id);
  return overlapsOf(ports.store.previousSecrets, caller.organization.id, ids, ports.clock());
}

function rotatedMeanwhile(): KeywardError {
  return new KeywardError(
    'conflict',
    'Somebody else has rotated this token just now. Look at it before you try again.',
  );
}
