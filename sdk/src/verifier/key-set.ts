// The public keys that Keyward signs with, as they stand at /.well-known/jwks.json (RFC 7517). A token can never make it
// fetch more than once in 30 seconds, and never from anywhere else.

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type JwsAlgorithm, jwsAlgorithms, type VerificationKey } from '@keyward/rules/jws';
import { createSingleFlight } from '@keyward/rules/single-flight';

export interface KeySet {
  find(kid: string): VerificationKey | undefined;
  /** True if the keys have just been fetched: a kid that is not among them is unknown. */
  isFresh(now: number): boolean;
  /** Fetches the keys. One fetch however many ask. Rejects with KeywardError `unavailable`. */
  refresh(): Promise<void>;
  /** The keys may be others since that entry of the journal: fetches them anew, whatever is being fetched already. */
  outdate(cursor: number): void;
  /** Stops accepting a key at once, and for good. */
  revoke(kid: string): void;
}

const freshMs = 30_000;
/** After a fetch that failed: each token with an unknown kid would be another. */
const pauseMs = 1000;

/** A key belongs to one kind of token, which its algorithm gives away unless it says so: RS256 to those of older systems. */
const typOf: Record<JwsAlgorithm, string> = { ES256: 'at+jwt', RS256: 'JWT', EdDSA: 'at+jwt' };

/** `fetchSet` gives the JSON of the key set as of an entry or later; `clock` is monotonic, in milliseconds. */
export function createKeySet(fetchSet: (cursor: number | null) => Promise<unknown>, clock: () => number): KeySet {
  let keys = new Map<string, VerificationKey>();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  const fetches = createSingleFlight<void>();
  /** How often the keys were said to be others, and since which entry. */
  let changes = 0;
  let changedAt: number | null = null;
  let failure = { error: null as unknown, until: Number.NEGATIVE_INFINITY };
  const revoked = new Set<string>();

  async function load(): Promise<void> {
    try {
      for (let heard = -1; heard !== changes; ) {
        heard = changes;
        const set = await fetchSet(changedAt);
        // One that was asked for before the newest change may lack the key that signs now.
        if (heard === changes) take(keysIn(set));
      }
    } catch (error) {
      failure = { error, until: clock() + pauseMs };
      throw error;
    } finally {
      // At once, since a change that comes from now on is not looked for any more: nobody may join.
      fetches.detach();
    }
  }

  function take(fresh: VerificationKey[]): void {
    keys = new Map(fresh.filter(({ kid }) => !revoked.has(kid)).map((key) => [key.kid, key]));
    fetchedAt = clock();
  }

  function refresh(): Promise<void> {
    if (fetches.current('keys') === undefined && clock() < failure.until) return Promise.reject(failure.error);
    return fetches.join('keys', load);
  }

  return {
    find: (kid) => keys.get(kid),
    isFresh: (now) => now - fetchedAt < freshMs,
    refresh,
    outdate(cursor) {
      changes += 1;
      changedAt = cursor;
      fetchedAt = Number.NEGATIVE_INFINITY;
      failure.until = Number.NEGATIVE_INFINITY;
      // A failure shows when a key is missed, and is tried again then.
      refresh().catch(() => {});
    },
    revoke(kid) {
      revoked.add(kid);
      keys.delete(kid);
    },
  };
}

/** The keys of a set that are for checking signatures as Keyward makes them; others are passed over. */
function keysIn(set: unknown): VerificationKey[] {
  const { keys } = (set ?? {}) as { keys?: unknown };
  return Array.isArray(keys) ? keys.flatMap(keyIn) : [];
}

function keyIn(jwk: JsonWebKey & { kid?: unknown; alg?: unknown; use?: unknown; typ?: unknown }): VerificationKey[] {
  const { kid, alg, use, typ } = jwk ?? {};
  const algorithm = jwsAlgorithms.find((one) => one === alg);
  if (typeof kid !== 'string' || algorithm === undefined) return [];
  if (use !== undefined && use !== 'sig') return [];
  try {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    return isStrong(algorithm, publicKey)
      ? [{ kid, algorithm, typ: typ === 'at+jwt' ? typ : typOf[algorithm], publicKey }]
      : [];
  } catch {
    return [];
  }
}

function isStrong(algorithm: JwsAlgorithm, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (algorithm === 'ES256') return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (algorithm === 'EdDSA') return asymmetricKeyType === 'ed25519';
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
}
