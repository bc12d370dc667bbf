// Which time it is at the start: that of the clock, or the latest that the database knows, which a clock that was set back
// does not undo.

import type { Clock } from '../core/clock.ts';
import type { Store } from '../core/ports.ts';
import type { Logger } from '../http/log.ts';
import { mostAheadMs } from '../startup/steady-clock.ts';

/** When the newest change was made, which is kept with it, or the time that was kept since. */
export async function latestKnownTime({ journal, serverTime }: Store, wall: Clock, logger: Logger): Promise<number> {
  const changedAt = (await journal.at(await journal.head()))?.at ?? 0;
  const at = Math.max(changedAt, await serverTime.latest());
  const aheadMs = at - wall();
  const clock = { latestTime: new Date(at).toISOString(), aheadMs };
  if (aheadMs > mostAheadMs) {
    logger.error(
      clock,
      'the latest time that is known lies more than a day ahead of the clock, which is believed: set it right',
    );
  } else if (aheadMs > 0) {
    logger.warn(
      clock,
      'the clock was set back: time goes on from the latest that is known, at half speed until they meet',
    );
  }
  return at;
}
