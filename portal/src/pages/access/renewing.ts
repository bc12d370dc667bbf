// Changes while others change things too: afterwards, and when it turns out that what one sees is out of date, the page
// is renewed. The server decides who wins; here one is told plainly.

import { invalidate } from '../../invalidate.ts';
import { ApiProblem } from '../../problem.ts';
import { accessWords } from '../../words/access.ts';

/** Does it, then renews what is known of `paths`. What is gone or was changed by others is renewed too, and said. */
export async function renewing<T>(what: string, paths: readonly string[], act: () => Promise<T>): Promise<T> {
  try {
    const result = await act();
    await invalidate(...paths);
    return result;
  } catch (error) {
    const status = error instanceof ApiProblem ? error.status : 0;
    if (status === 404 || status === 409) await invalidate(...paths);
    if (status === 404) throw new ApiProblem('gone', 404, accessWords.gone(what));
    throw error;
  }
}

/** Throws `conflict` if what the person began from is not what is there now. */
export function demandUnchanged(what: string, began: unknown, now: unknown): void {
  if (JSON.stringify(began) === JSON.stringify(now)) return;
  throw new ApiProblem('conflict', 409, accessWords.changedMeanwhile(what));
}
