// The overlap of a rotation: an API token's secret, or an API user's password, works beside the new one for as long as its
// clients need to change over. It ends when its time is up, when what is old has fallen silent, or when somebody ends it.

import { type Caller, systemIn } from '../caller/caller.ts';
import type { Clock } from '../clock.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { Writer } from '../writer.ts';
import type { Changes, PreviousSecretReads, Reading } from './ports.ts';
import type { PreviousSecret } from './records.ts';

/** The longest overlap: 30 days. */
export const longestOverlapMs = 30 * 24 * 3_600_000;
/** What is old and was not used for so long, while the new one was, is not waited for any more. */
export const silenceMs = 24 * 3_600_000;

/** Where what is old is kept: of API tokens, and of API users. */
export type Previous = 'previousSecrets' | 'previousPasswords';

/** Throws `invalid_request` unless it is a whole number of milliseconds from 0 to the longest. */
export function checkOverlap(overlapMs: number): void {
  if (Number.isSafeInteger(overlapMs) && overlapMs >= 0 && overlapMs <= longestOverlapMs) return;
  throw invalid('overlapSeconds', 'Use a whole number of seconds from 0 to 2592000, which is 30 days.');
}

/**
 * Keeps what was replaced at `at` for `overlapMs` more, and answers it; undefined without an overlap. Ends that of an earlier
 * rotation, or throws `conflict` if it still works, unless this one has no overlap.
 */
export async function keepPrevious(
  changes: Changes<Previous | 'usage'>,
  kind: Previous,
  replaced: Pick<PreviousSecret, 'sourceId' | 'organizationId' | 'digest'>,
  at: number,
  overlapMs: number,
): Promise<PreviousSecret | undefined> {
  const { sourceId: id, organizationId } = replaced;
  const earlier = (await changes[kind].of(organizationId, [id])).get(id);
  if (earlier !== undefined) {
    if (overlapMs > 0 && earlier.endsAt > at) throw stillOverlaps(words[kind].noun, earlier.endsAt);
    await changes[kind].delete(organizationId, id, earlier.digest);
  }
  if (overlapMs === 0) return undefined;
  const lastUsed = (await changes.usage.lastUses(organizationId, words[kind].type, [id])).get(id) ?? null;
  const previous = { ...replaced, rotatedAt: at, endsAt: at + overlapMs, lastUsed, currentLastUsed: null };
  await changes[kind].insert(previous);
  return previous;
}

/** Ends the overlap that this one is in, for the caller. `not_found` if there is none. */
export async function endPrevious<Kind extends Previous>(
  changes: Changes<Kind>,
  kind: Kind,
  caller: Caller,
  { id, organizationId }: { id: string; organizationId: string },
  at: number,
): Promise<void> {
  const { type, noun, ended } = words[kind];
  const kept = changes[kind];
  const previous = (await kept.of(organizationId, [id])).get(id);
  if (previous === undefined || previous.endsAt <= at) throw notFound(`previous ${noun}`);
  await kept.delete(organizationId, id, previous.digest);
  changes.journal(entryOf(caller, at, ended, { type, id }, { because: 'asked' }));
}

/** Removes what is old where the overlap is over or where it has fallen silent; answers how many. For the machine itself. */
export async function endDueOverlaps(
  ports: Reading<Previous> & { store: Writer<Changes<Previous>>; clock: Clock },
): Promise<number> {
  const at = ports.clock();
  let ended = 0;
  for (const kind of ['previousSecrets', 'previousPasswords'] as const) {
    const due = await ports.store[kind].due(at, at - silenceMs, mostAtOnce);
    const { type, ended: action } = words[kind];
    for (const { sourceId: id, organizationId, digest, endsAt } of due) {
      await ports.store.write(async (changes) => {
        if (!(await changes[kind].delete(organizationId, id, digest))) return;
        const because = endsAt <= at ? 'time' : 'silent';
        changes.journal(entryOf(systemIn({ id: organizationId, name: '' }), at, action, { type, id }, { because }));
      });
    }
    ended += due.length;
  }
  return ended;
}

/** The overlaps that last at `now`, by id. */
export async function overlapsOf(
  previous: PreviousSecretReads,
  organizationId: string,
  ids: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, PreviousSecret>> {
  return new Map([...(await previous.of(organizationId, ids))].filter(([, { endsAt }]) => endsAt > now));
}

const words = {
  previousSecrets: { type: 'api_token', noun: 'secret', ended: 'api_token.previous_secret_ended' },
  previousPasswords: { type: 'api_user', noun: 'password', ended: 'api_user.previous_password_ended' },
} as const;

const mostAtOnce = 200;

function stillOverlaps(noun: string, endsAt: number): KeywardError {
  const until = new Date(endsAt).toISOString();
  return new KeywardError(
    'conflict',
    `The ${noun} from before the last rotation works until ${until}. End it first, or rotate without an overlap.`,
  );
}
