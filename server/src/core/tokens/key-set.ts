// The signing keys in memory: which one signs now, which ones still verify, what is published of them. They are made and
// ended in signing-keys.ts.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { JwsAlgorithm } from '@keyward/rules/jws';
import { KeywardError } from '../errors.ts';
import type { Sealer } from '../sealer.ts';
import { serializedLoad } from '../serialized-load.ts';
import type { TokenReads } from './ports.ts';
import { type JwtProfile, jwtProfiles, type SigningKey } from './records.ts';

/** A key in use. */
export interface LiveKey {
  kid: string;
  profile: JwtProfile;
  algorithm: JwsAlgorithm;
  typ: string;
  recorded: boolean;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** The keys in memory. `reload` follows the journal. */
export interface KeySet {
  /**
   * The key that signs now, with the profile's own algorithm unless another is named. Of another one that has no key yet it
   * is the profile's own too. Throws `unavailable` if there is none.
   */
  signer(profile: JwtProfile, now: number, algorithm?: JwsAlgorithm): LiveKey;
  find(kid: string, now: number): LiveKey | undefined;
  /** Public JWKs of all keys that verify now or will sign soon, oldest first (RFC 7517). */
  published(now: number): Record<string, unknown>[];
  reload(): Promise<void>;
}

/** Opens a set over the store's keys; call `reload` before the first use. */
export function createKeySet(store: Pick<TokenReads, 'signingKeys'>, sealer: Sealer): KeySet {
  let entries: { record: SigningKey; live: LiveKey }[] = [];
  let byKid = new Map<string, { record: SigningKey; live: LiveKey }>();
  return {
    signer(profile, now, algorithm = jwtProfiles[profile].algorithm) {
      const signs = entries.filter(({ record }) => record.profile === profile && isSigning(record, now));
      const signerWith = (wanted: JwsAlgorithm) => signs.findLast(({ record }) => record.algorithm === wanted);
      const newest = signerWith(algorithm) ?? signerWith(jwtProfiles[profile].algorithm);
      if (newest === undefined)
        throw new KeywardError('unavailable', 'There is no signing key yet. Try again shortly.');
      return newest.live;
    },
    find(kid, now) {
      const entry = byKid.get(kid);
      return entry !== undefined && isVerifying(entry.record, now) ? entry.live : undefined;
    },
    published: (now) =>
      entries.filter(({ record }) => isVerifying(record, now)).map(({ record }) => publicJwkOf(record)),
    reload: serializedLoad(async () => {
      const records = await store.signingKeys.list();
      entries = records.flatMap((record) => {
        const live = byKid.get(record.kid)?.live ?? unsealed(record, sealer);
        return live === null ? [] : [{ record, live }];
      });
      byKid = new Map(entries.map((entry) => [entry.record.kid, entry]));
    }),
  };
}

/** Null when the sealing key is gone: such a key can neither sign nor verify any more. */
function unsealed(record: SigningKey, sealer: Sealer): LiveKey | null {
  const text = sealer.open('signing-key', record.sealedPrivateJwk, record.kid);
  if (text === null) return null;
  const { kid, profile, algorithm } = record;
  const privateKey = createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
  const { typ, recorded } = jwtProfiles[profile];
  return { kid, profile, algorithm, typ, recorded, privateKey, publicKey: createPublicKey(privateKey) };
}

export function isSigning(record: SigningKey, now: number): boolean {
  if (record.revokedAt !== null || record.signsFrom > now) return false;
  return record.retiredAt === null || record.retiredAt > now;
}

export function isVerifying(record: SigningKey, now: number): boolean {
  return record.revokedAt === null && (record.verifiesUntil === null || record.verifiesUntil > now);
}

function publicJwkOf({ publicJwk, kid, algorithm, profile }: SigningKey): Record<string, unknown> {
  const usual = jwtProfiles[profile];
  // Verifiers take the kind of token from the algorithm, but for those that an API chose.
  const typ = algorithm === usual.algorithm ? {} : { typ: usual.typ };
  return { ...JSON.parse(publicJwk), kid, alg: algorithm, use: 'sig', ...typ };
}
