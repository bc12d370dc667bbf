// After a change: what is known of these paths is asked for again.

import { queries } from './session.ts';

/** Renews every list and record whose query key begins with one of these paths, such as `/v1/tokens`. */
export function invalidate(...paths: string[]): Promise<unknown> {
  return Promise.all(paths.map((path) => queries.invalidateQueries({ queryKey: [path] })));
}
