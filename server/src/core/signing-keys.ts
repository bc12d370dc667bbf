// Signing keys: one line of succession per JWT profile. A new key is published before it signs, an old one verifies
// until the last token that it signed has ended.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { type Awaitable, whenHere } from './awaitable.ts';
import { type Caller, demand, demandConfirmed, demandOperator } from './caller.ts';
import { KeywardError, notFound } from './errors.ts';
import { whenReached } from './feed.ts';
import { entryOf } from './journal.ts';
import type { Ports, Store } from './ports.ts';
import { oneAtATime } from './reload.ts';
import type { Sealer } from './seal.ts';

/** Every JWT belongs to one profile, fixed by its signing key; a key accepts its own profile only. */
export type JwtProfile = 'oauth' | 'debricked' | 'parsers';

/** What a profile fixes. `recorded`: its tokens are remembered, and count only while they are (Parsers' promise). */
export const jwtProfiles: Record<JwtProfile, { algorithm: 'RS256' | 'ES256'; typ: string; recorded: boolean }> = {
  oauth: { algorithm: 'ES256', typ: 'at+jwt', recorded: false },
  debricked: { algorithm: 'RS256', typ: 'JWT', recorded: false },
  parsers: { algorithm: 'RS256', typ: 'JWT', recorded: true },
};

export interface SigningKey {
  kid: string;
  profile: JwtProfile;
  algorithm: 'RS256' | 'ES256';
  /** Public JWK as JSON text. */
  publicJwk: string;
  /** Private JWK as JSON text, sealed. */
  sealedPrivateJwk: string;
  createdAt: number;
  /** Published from `createdAt`, signs from here on. */
  signsFrom: number;
  /** When it stops signing; may lie ahead. */
  retiredAt: number | null;
  /** After retirement: verifies until then. */
  verifiesUntil: number | null;
  revokedAt: number | null;
}

/** A key in use. */
export interface LiveKey {
  kid: string;
  profile: JwtProfile;
  algorithm: 'RS256' | 'ES256';
  typ: string;
  recorded: boolean;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

/** The keys in memory. `reload` follows the journal. */
export interface KeySet {
  /** The key that signs now. Throws `unavailable` if there is none. */
  signer(profile: JwtProfile, now: number): LiveKey;
  find(kid: string, now: number): LiveKey | undefined;
  /** Public JWKs of all keys that verify now or will sign soon, oldest first (RFC 7517). */
  published(now: number): Record<string, unknown>[];
  reload(): Promise<void>;
}

/** How long the JWKS may be cached, and so how long before its first use a key must be published (S37). */
export const jwksMaxAgeMs = 300_000;
const publishAheadMs = 2 * jwksMaxAgeMs;
const longestTokenMs = 24 * 3_600_000;

/** Opens a set over the store's keys; call `reload` before the first use. */
export function createKeySet(store: Pick<Store, 'signingKeys'>, sealer: Sealer): KeySet {
  let entries: { record: SigningKey; live: LiveKey }[] = [];
  let byKid = new Map<string, { record: SigningKey; live: LiveKey }>();
  return {
    signer(profile, now) {
      const signs = entries.filter(({ record }) => record.profile === profile && isSigning(record, now));
      const newest = signs.at(-1);
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
    reload: oneAtATime(async () => {
      const records = await store.signingKeys.list();
      entries = records.flatMap((record) => {
        const live = byKid.get(record.kid)?.live ?? unsealed(record, sealer);
        return live === null ? [] : [{ record, live }];
      });
      byKid = new Map(entries.map((entry) => [entry.record.kid, entry]));
    }),
  };
}

/** Makes sure that every profile has a key that signs. For the start of a server. */
export async function ensureSigningKeys(ports: Ports, caller: Caller): Promise<void> {
  const now = ports.clock();
  const records = await ports.store.signingKeys.list();
  for (const profile of Object.keys(jwtProfiles) as JwtProfile[]) {
    if (records.some((record) => record.profile === profile && isSigning(record, now))) continue;
    await addKey(ports, caller, profile, 0);
  }
  await ports.keys.reload();
}

/**
 * The public key set (RFC 7517), as of an entry of the journal or later: a verifier may have heard of a new key through
 * another node. For everyone. Throws `unavailable` if the journal does not go so far or cannot be read.
 */
export function publicKeys(ports: Ports, cursor = 0): Awaitable<{ keys: Record<string, unknown>[] }> {
  return whenHere(whenReached(ports, cursor), () => ({ keys: ports.keys.published(ports.clock()) }));
}

/** The keys without their secrets. Needs `read:signing_key`. */
export async function listSigningKeys(ports: Ports, caller: Caller): Promise<Omit<SigningKey, 'sealedPrivateJwk'>[]> {
  demand(caller, 'read:signing_key');
  const records = await ports.store.signingKeys.list();
  return records.map(({ sealedPrivateJwk: _, ...rest }) => rest);
}

/**
 * Publishes a new key, which signs ten minutes from now, and retires the present one at that moment; tokens signed
 * with the old one work to their end. Operators with `rotate:signing_key` only.
 */
export async function rotateSigningKey(ports: Ports, caller: Caller, profile: JwtProfile): Promise<{ kid: string }> {
  demandOperator(caller, 'rotate:signing_key');
  demandConfirmed(caller, ports.clock());
  return addKey(ports, caller, profile, publishAheadMs);
}

/** Ends every token signed with this key at once and, where it was the signing one, puts a new key in its place. */
export async function revokeSigningKey(ports: Ports, caller: Caller, kid: string): Promise<void> {
  demandOperator(caller, 'rotate:signing_key');
  demandConfirmed(caller, ports.clock());
  const record = (await ports.store.signingKeys.list()).find((one) => one.kid === kid);
  if (record === undefined) throw notFound('signing key');
  const at = ports.clock();
  await ports.store.write(async (changes) => {
    if (await changes.signingKeys.revoke(kid, at)) {
      changes.journal(entryOf(caller, at, 'signing_key.revoked', subjectOf(kid), { profile: record.profile }));
    }
  });
  await ensureSigningKeys(ports, caller);
}

async function addKey(ports: Ports, caller: Caller, profile: JwtProfile, aheadMs: number): Promise<{ kid: string }> {
  const at = ports.clock();
  const signsFrom = at + aheadMs;
  const key = await generate(ports.sealer, profile, at, signsFrom);
  await ports.store.write(async (changes) => {
    for (const old of await changes.signingKeys.list()) {
      if (old.profile !== profile || old.retiredAt !== null || old.revokedAt !== null) continue;
      await changes.signingKeys.retire(old.kid, signsFrom, signsFrom + longestTokenMs);
    }
    await changes.signingKeys.insert(key);
    changes.journal(entryOf(caller, at, 'signing_key.created', subjectOf(key.kid), { profile, signsFrom }));
  });
  await ports.keys.reload();
  return { kid: key.kid };
}

async function generate(
  sealer: Sealer,
  profile: JwtProfile,
  createdAt: number,
  signsFrom: number,
): Promise<SigningKey> {
  const { algorithm } = jwtProfiles[profile];
  const pair = await generatePair(algorithm);
  const kid = randomBytes(12).toString('base64url');
  return {
    kid,
    profile,
    algorithm,
    publicJwk: JSON.stringify(pair.publicKey.export({ format: 'jwk' })),
    sealedPrivateJwk: sealer.seal('signing-key', JSON.stringify(pair.privateKey.export({ format: 'jwk' })), kid),
    createdAt,
    signsFrom,
    retiredAt: null,
    verifiesUntil: null,
    revokedAt: null,
  };
}

function generatePair(algorithm: 'RS256' | 'ES256'): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) =>
      error === null ? resolve({ publicKey, privateKey }) : reject(error);
    if (algorithm === 'RS256') generateKeyPair('rsa', { modulusLength: 2048 }, done);
    else generateKeyPair('ec', { namedCurve: 'P-256' }, done);
  });
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

function isSigning(record: SigningKey, now: number): boolean {
  if (record.revokedAt !== null || record.signsFrom > now) return false;
  return record.retiredAt === null || record.retiredAt > now;
}

function isVerifying(record: SigningKey, now: number): boolean {
  return record.revokedAt === null && (record.verifiesUntil === null || record.verifiesUntil > now);
}

function publicJwkOf(record: SigningKey): Record<string, unknown> {
  return { ...JSON.parse(record.publicJwk), kid: record.kid, alg: record.algorithm, use: 'sig' };
}

function subjectOf(kid: string) {
  return { type: 'signing_key', id: kid };
}
