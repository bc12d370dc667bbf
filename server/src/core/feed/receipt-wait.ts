// How long somebody may wait for a receipt, as `?receipt=` says it in every language that gives some.

import { invalid } from '../errors.ts';

/** In milliseconds; null where no receipt is wanted. Throws KeywardError `invalid_request` for what is none. */
export function receiptWaitIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = /^\d{2,5}$/.test(text) ? Number(text) : 0;
  if (ms >= 50 && ms <= 10_000) return ms;
  throw invalid(['query', 'receipt'], 'Use a number of milliseconds from 50 to 10000.');
}
