// Holders that count the questions they are asked. For metrics; it changes no answer.

import type { RememberedHolders } from '../core/ports.ts';

type Questions = 'byDigest' | 'bySource' | 'isIssued';

export type CountedHolders<H extends RememberedHolders> = Pick<H, Questions> & {
  /** How many holders and records were asked for so far. */
  asked(): number;
};

export function countedHolders<H extends RememberedHolders>(inner: H): CountedHolders<H> {
  let asked = 0;
  const counted = <Name extends Questions>(name: Name): H[Name] => {
    const ask = inner[name] as (what: unknown) => unknown;
    return ((what: unknown) => {
      asked += 1;
      return ask(what);
    }) as H[Name];
  };
  return {
    byDigest: counted('byDigest'),
    bySource: counted('bySource'),
    isIssued: counted('isIssued'),
    asked: () => asked,
  };
}
