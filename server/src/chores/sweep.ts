// Removes the records of access tokens, sessions, codes, devices and links that have ended, kept answers, old usage counts, and what
// webhooks were sent long ago. Records that were seen to have ended are
// forgotten from memory at once by whoever saw them; rows go only after a grace, so that a clock that jumps ahead purges
// nothing that is still good (S106); but for kept answers, which hold secrets and help nobody after their end.

import type { Clock } from '../core/clock.ts';
import type { Store } from '../core/ports.ts';

/** How long after its end a record stays. */
export const graceMs = 24 * 3_600_000;
/** The same for what there may be many of, as outside tokens that were used: another node's clock is not behind by more. */
export const shortGraceMs = 600_000;
/** How long usage counts are kept. */
export const countsKeptMs = 90 * 24 * 3_600_000;
/** How long what webhooks were sent can be looked at. */
export const deliveriesKeptMs = 30 * 24 * 3_600_000;
const batch = 1000;

/** Deletes all records past the grace and all counts past their time, a batch per transaction; answers how many. */
export async function sweep(store: Pick<Store, 'write'>, clock: Clock): Promise<number> {
  const now = clock();
  const ended = now - graceMs;
  const unseen = now - shortGraceMs;
  const old = now - countsKeptMs;
  const sent = now - deliveriesKeptMs;
  return (
    (await deleteAll(() => store.write(({ issuedTokens }) => issuedTokens.deleteExpired(ended, batch)))) +
    (await deleteAll(() => store.write(({ revokedTokens }) => revokedTokens.deleteExpired(ended, batch)))) +
    (await deleteAll(() => store.write(({ usedAssertions }) => usedAssertions.deleteExpired(unseen, batch)))) +
    (await deleteAll(() => store.write(({ sessions }) => sessions.deleteExpired(ended, batch)))) +
    (await deleteAll(() => store.write(({ authorizationCodes }) => authorizationCodes.deleteExpired(ended, batch)))) +
    (await deleteAll(() => store.write(({ deviceCodes }) => deviceCodes.deleteExpired(unseen, batch)))) +
    (await deleteAll(() => store.write(({ oneTimeLinks }) => oneTimeLinks.deleteExpired(ended, batch)))) +
    (await deleteAll(() => store.write(({ answers }) => answers.deleteExpired(now, batch)))) +
    (await deleteAll(() => store.write(({ webhookDeliveries }) => webhookDeliveries.deleteOld(sent, batch)))) +
    (await deleteAll(() => store.write(({ notices }) => notices.deleteExpired(ended, batch)))) +
    (await deleteAll(() => store.write(({ usage }) => usage.deleteBefore(old, batch)))) +
    (await deleteAll(() => store.write(({ observations }) => observations.deleteBefore(old, batch)))) +
    (await deleteAll(() => store.write(({ uses }) => uses.deleteBefore(Math.floor(old / 86_400_000), batch))))
  );
}

async function deleteAll(deleteSome: () => Promise<number>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const gone = await deleteSome();
    deleted += gone;
    if (gone < batch) return deleted;
  }
}
