// What becomes of an organization's leaked API tokens, as it is typed.

import { durationMs, type Reading } from '../grammar/readings.ts';
import { misuse } from '../terminal/command-error.ts';

/** `notify`, `deactivate` or `shorten:7d`. */
export const asLeakPolicy: Reading = (given, flag) => {
  const [action = '', time] = given.split(':');
  const isKnown = action === 'shorten' ? time !== undefined : ['notify', 'deactivate'].includes(action) && !time;
  if (!isKnown) throw misuse(`${flag} is notify, deactivate or shorten:7d, not ${JSON.stringify(given)}.`);
  return { action, ...(time !== undefined && { endsAfterMs: durationMs(time, flag) }) };
};
