// Rotation: an API token gets a new secret, and the one before works beside it for as long as its clients need to change
// over. The overlap ends when its time is up, when the old secret has fallen silent, or when somebody ends it.

import { type Caller, demandConfirmed, may, systemIn } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clock, Clocked } from '../clock.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { Sealer } from '../sealer.ts';
import { digestOf, generateApiToken, hintsOf } from '../secret.ts';
import type { Setting } from '../settings.ts';
import type { Writer } from '../writer.ts';
import { locate, subjectOf, type TokenHandle } from './api-token.ts';
import { demandPrivilege } from './api-token-privilege.ts';
import type { Changes, Changing, Reading } from './ports.ts';
import type { ApiToken, PreviousSecret } from './records.ts';

/** The longest overlap: 30 days. */
export const longestOverlapMs = 30 * 24 * 3_600_000;
/** An old secret that was not used for so long, while the new one was, is not waited for any more. */
export const silenceMs = 24 * 3_600_000;

/**
 * Gives the token a new secret, with the server's present prefix, which is answered this once; the old one works for
 * `overlapMs` more, and is `previous`. Without an overlap everything ends at once that was made from it. Needs what changing
 * the token needs, a confirmed session, and every permission that the new secret will have. Of many callers at once exactly
 * one rotates it; `conflict` for the others, and while the overlap of an earlier rotation lasts, unless this one has none.
 */
export async function rotateApiToken(
  ports: Reading<'apiTokens'> &
    Changing<'apiTokens' | 'previousSecrets' | 'usage' | 'credentials'> & {
      sealer: Pick<Sealer, 'seal'>;
    } & Setting<'tokenPrefix'>,
  caller: Caller,
  handle: TokenHandle,
  overlapMs: number,
): Promise<{ token: ApiToken; secret: string; previous: PreviousSecret | undefined }> {
  if (!Number.isSafeInteger(overlapMs) || overlapMs < 0 || overlapMs > longestOverlapMs) {
    throw invalid('overlapSeconds', 'Use a whole number of seconds from 0 to 2592000, which is 30 days.');
  }
  const at = ports.clock();
  const before = await locate(ports.store.apiTokens, caller, handle, 'update');
  demandConfirmed(caller, at);
  const { tokenPrefix } = ports.settings;
  const secret = generateApiToken(before.id, tokenPrefix);
  const hints = { digest: digestOf(secret), ...hintsOf(secret, tokenPrefix) };
  const sealedSecret = before.sealedSecret === null ? null : ports.sealer.seal('readable-token', secret, before.id);
  const overlaps = overlapMs > 0;
  return writeAs(ports, caller, async ({ apiTokens, previousSecrets, usage, credentials, journal }) => {
    const token = await locate(apiTokens, caller, { id: before.id }, 'update');
    const { id, organizationId } = token;
    await demandPrivilege(credentials, caller, token);
    const next = { ...hints, sealedSecret, updatedAt: at, endsAccess: !overlaps };
    // Whoever read the same secret and came first has won.
    if (!(await apiTokens.replaceSecret(organizationId, id, before.digest, next))) throw rotatedMeanwhile();
    const earlier = (await previousSecrets.of(organizationId, [id])).get(id);
    if (earlier !== undefined) {
      if (overlaps && earlier.endsAt > at) throw stillOverlaps(earlier.endsAt);
      await previousSecrets.delete(organizationId, id, earlier.digest);
    }
    const endsAt = at + overlapMs;
    let previous: PreviousSecret | undefined;
    if (overlaps) {
      const lastUsed = (await usage.lastUses(organizationId, 'api_token', [id])).get(id) ?? null;
      previous = {
        tokenId: id,
        organizationId,
        digest: before.digest,
        rotatedAt: at,
        endsAt,
        lastUsed,
        currentLastUsed: null,
      };
      await previousSecrets.insert(previous);
    }
    journal(entryOf(caller, at, 'api_token.rotated', subjectOf(id), { previousUntil: endsAt }));
    return { token: (await apiTokens.find(organizationId, id)) ?? token, secret, previous };
  });
}

/** Ends the overlap now. Needs what changing the token needs. `not_found` if there is none. */
export async function endOverlap(
  ports: Changing<'apiTokens' | 'previousSecrets'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const at = ports.clock();
  await writeAs(ports, caller, async ({ apiTokens, previousSecrets, journal }) => {
    const token = await locate(apiTokens, caller, { id }, 'update');
    const previous = (await previousSecrets.of(token.organizationId, [id])).get(id);
    if (previous === undefined || previous.endsAt <= at) throw notFound('previous secret');
    await previousSecrets.delete(token.organizationId, id, previous.digest);
    journal(entryOf(caller, at, ended, subjectOf(id), { because: 'asked' }));
  });
}

/** Removes the secrets whose overlap is over or that have fallen silent; answers how many. For the machine itself. */
export async function endDueOverlaps(
  ports: Reading<'previousSecrets'> & { store: Writer<Changes<'previousSecrets'>>; clock: Clock },
): Promise<number> {
  const at = ports.clock();
  const due = await ports.store.previousSecrets.due(at, at - silenceMs, mostAtOnce);
  for (const { tokenId: id, organizationId, digest, endsAt } of due) {
    await ports.store.write(async ({ previousSecrets, journal }) => {
      if (!(await previousSecrets.delete(organizationId, id, digest))) return;
      const because = endsAt <= at ? 'time' : 'silent';
      journal(entryOf(systemIn({ id: organizationId, name: '' }), at, ended, subjectOf(id), { because }));
    });
  }
  return due.length;
}

/** The rotations that these tokens are in, by id. As `lastUsesOf`, only of tokens that the caller may see. */
export async function rotationsOf(
  ports: Reading<'previousSecrets'> & Clocked,
  caller: Caller,
  tokens: readonly ApiToken[],
): Promise<ReadonlyMap<string, PreviousSecret>> {
  const all = may(caller, 'read:organization_api_key');
  const ids = tokens.filter((token) => all || token.owner.id === caller.owner.id).map(({ id }) => id);
  const found = await ports.store.previousSecrets.of(caller.organization.id, ids);
  const now = ports.clock();
  return new Map([...found].filter(([, { endsAt }]) => endsAt > now));
}

const ended = 'api_token.previous_secret_ended';
const mostAtOnce = 200;

function rotatedMeanwhile(): KeywardError {
  return new KeywardError(
    'conflict',
    'Somebody else has rotated this token just now. Look at it before you try again.',
  );
}

function stillOverlaps(endsAt: number): KeywardError {
  const until = new Date(endsAt).toISOString();
  return new KeywardError(
    'conflict',
    `The secret from before the last rotation works until ${until}. End it first, or rotate without an overlap.`,
  );
}
