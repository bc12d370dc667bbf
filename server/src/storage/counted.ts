// Holders that count the questions they are asked. For metrics; it changes no answer.

import type { Holders, RememberedHolders } from '../core/ports.ts';

export type Counted<H> = H & {
  /** How many holders and records were asked for so far. */
  asked(): number;
};

export function countedHolders(inner: Holders): Counted<Holders> {
  const { count, asked } = counter();
  return {
    byDigest: (digest) => count(inner.byDigest(digest)),
    bySource: (source) => count(inner.bySource(source)),
    isIssued: (jti) => count(inner.isIssued(jti)),
    asked,
  };
}

/** What is not recalled is asked for next, and counts then. */
export function countedRememberedHolders(inner: RememberedHolders): Counted<RememberedHolders> {
  const { count, asked } = counter();
  return {
    recall: (digest) => {
      const recalled = inner.recall(digest);
      return recalled === null ? null : count(recalled);
    },
    byDigest: (digest) => count(inner.byDigest(digest)),
    bySource: (source) => count(inner.bySource(source)),
    isIssued: (jti) => count(inner.isIssued(jti)),
    asked,
  };
}

function counter() {
  let sum = 0;
  const count = <T>(answer: T): T => {
    sum += 1;
    return answer;
  };
  return { count, asked: () => sum };
}
