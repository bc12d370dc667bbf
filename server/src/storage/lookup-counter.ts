// Lookups that count how often they are asked. For metrics; it changes no answer.

import type { CachedCredentialLookup, CredentialLookup } from '../core/caller/ports.ts';

export type Counted<H> = H & {
  /** How many credentials, issued tokens and sessions were asked for so far. */
  asked(): number;
};

export function countedLookup(inner: CredentialLookup): Counted<CredentialLookup> {
  const { count, asked } = counter();
  return {
    byDigest: (digest) => count(inner.byDigest(digest)),
    bySource: (source) => count(inner.bySource(source)),
    isIssued: (jti) => count(inner.isIssued(jti)),
    hasSession: (id) => count(inner.hasSession(id)),
    asked,
  };
}

/** What is not recalled is asked for next, and counts then. */
export function countedCachedLookup(inner: CachedCredentialLookup): Counted<CachedCredentialLookup> {
  const { count, asked } = counter();
  return {
    recall: (digest) => {
      const recalled = inner.recall(digest);
      return recalled === null ? null : count(recalled);
    },
    byDigest: (digest) => count(inner.byDigest(digest)),
    bySource: (source) => count(inner.bySource(source)),
    isIssued: (jti) => count(inner.isIssued(jti)),
    hasSession: (id) => count(inner.hasSession(id)),
    isRevoked: (jti) => inner.isRevoked(jti),
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
