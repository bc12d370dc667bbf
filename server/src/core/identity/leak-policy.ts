// What becomes of an organization's API tokens that are found where they should not be. It says what is wished; what is done is
// in credentials/leaks.

import { invalid } from '../errors.ts';

export interface LeakPolicy {
  /** `notify`: it is said, and nothing is done. `shorten`: it lives for `endsAfterMs` more at most. `deactivate`: it ends at once. */
  action: 'notify' | 'shorten' | 'deactivate';
  /** With `shorten`; else null. */
  endsAfterMs: number | null;
  /** Whether what it made ends with it. */
  descendants: boolean;
}

/** Of an organization that has said nothing. */
export const usualLeakPolicy: LeakPolicy = { action: 'deactivate', endsAfterMs: null, descendants: true };

/** Throws KeywardError `invalid_request` that names the field. */
export function checkedLeakPolicy(policy: LeakPolicy): LeakPolicy {
  const { action, endsAfterMs } = policy;
  const at = ['body', 'leakPolicy', 'endsAfterMs'];
  if (action !== 'shorten') {
    if (endsAfterMs === null) return policy;
    throw invalid(at, `Leave it out: a token does not live on for a time under ${action}.`);
  }
  if (endsAfterMs !== null && Number.isSafeInteger(endsAfterMs) && endsAfterMs >= minute && endsAfterMs <= 30 * day) {
    return policy;
  }
  throw invalid(
    at,
    'Say how long it lives on: a whole number of milliseconds from 60000 to 2592000000, which is 30 days.',
  );
}

const minute = 60_000;
const day = 86_400_000;
