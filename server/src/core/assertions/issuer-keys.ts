// The keys of issuers, as they publish them: read when first needed, kept for a while, and read anew when a token names one that is not
// among them. An issuer that does not answer is not asked again at once, and its old keys count only for so long.

import type { Clock } from '../clock.ts';
import type { Outbound, OutboundFailure } from '../outbound.ts';
import { keysIn, type PublicKey } from './public-keys.ts';

/** Where keys are: named by an issuer's metadata (OpenID Connect Discovery), or at an address of their own. */
export type KeysAt = { issuer: string } | { jwksUri: string };

export type KeysFailure = OutboundFailure | 'no_keys';

export interface IssuerKeys {
  /**
   * The keys, for one of which `suits` holds unless they are read anew in vain. Read on behalf of `party`. The failure where
   * there are none that count.
   */
  find(
    at: KeysAt,
    party: string,
    suits: (keys: readonly PublicKey[]) => boolean,
  ): Promise<readonly PublicKey[] | KeysFailure>;
}

/** For so long nothing is read anew without need. */
const freshMs = 10 * 60_000;
/** For so long after they were read keys count whose issuer does not answer. */
const usableMs = 60 * 60_000;
/** Not sooner is an issuer asked again, whatever tokens name (S37). */
const againMs = 30_000;
const mostIssuers = 500;

interface Kept {
  keys: readonly PublicKey[] | null;
  readAt: number;
  triedAt: number;
  failure: KeysFailure;
  reading: Promise<void> | null;
}

export function createIssuerKeys({ outbound, clock }: { outbound: Outbound; clock: Clock }): IssuerKeys {
  const all = new Map<string, Kept>();

  async function readAnew(kept: Kept, at: KeysAt, party: string): Promise<void> {
    const { triedAt } = kept;
    kept.triedAt = clock();
    const found = await readKeys(outbound, at, party);
    // That one party asks for too much at once keeps nobody else's issuer from being asked.
    if (found === 'too_many') kept.triedAt = triedAt;
    if (typeof found === 'string') {
      kept.failure = found;
      return;
    }
    kept.keys = found;
    kept.readAt = clock();
  }

  function keptOf(at: KeysAt): Kept {
    const name = 'issuer' in at ? `issuer ${at.issuer}` : `keys ${at.jwksUri}`;
    const known = all.get(name);
    const kept = known ?? {
      keys: null,
      readAt: 0,
      triedAt: Number.NEGATIVE_INFINITY,
      failure: 'no_keys',
      reading: null,
    };
    // The one that was asked for longest ago is the first.
    all.delete(name);
    all.set(name, kept);
    const [oldest] = all.keys();
    if (all.size > mostIssuers && oldest !== undefined) all.delete(oldest);
    return kept;
  }

  return {
    async find(at, party, suits) {
      const kept = keptOf(at);
      const isFresh = kept.keys !== null && clock() - kept.readAt < freshMs;
      const isNeeded = !isFresh || !suits(kept.keys ?? []);
      if (isNeeded && (kept.reading !== null || clock() - kept.triedAt >= againMs)) {
        kept.reading ??= readAnew(kept, at, party).finally(() => {
          kept.reading = null;
        });
        await kept.reading;
      }
      return kept.keys !== null && clock() - kept.readAt < usableMs ? kept.keys : kept.failure;
    },
  };
}

async function readKeys(outbound: Outbound, at: KeysAt, party: string): Promise<readonly PublicKey[] | KeysFailure> {
  const uri = 'jwksUri' in at ? at.jwksUri : await jwksUriOf(outbound, at.issuer, party);
  if (typeof uri !== 'string') return uri.failure;
  const answer = await outbound.fetchJson(uri, party);
  if (answer.failure !== undefined) return answer.failure;
  return keysIn(answer.document) ?? 'no_keys';
}

/** What the issuer's metadata says, which must be the metadata of this issuer (OpenID Connect Discovery section 4.3). */
async function jwksUriOf(
  outbound: Outbound,
  issuer: string,
  party: string,
): Promise<string | { failure: KeysFailure }> {
  const answer = await outbound.fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, party);
  if (answer.failure !== undefined) return answer;
  const { issuer: named, jwks_uri: uri } = Object(answer.document) as Record<string, unknown>;
  return named === issuer && typeof uri === 'string' ? uri : { failure: 'no_keys' };
}
