// Signing keys: one line of succession per JWT profile. A new key is published before it signs, an old one verifies
// until the last token that it signed has ended.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { type Awaitable, whenHere } from '../awaitable.ts';
import { KeywardError, notFound } from '../errors.ts';
import { whenReached } from '../feed/feed.ts';
import { type Caller, demand, demandConfirmed, demandOperator } from '../identity/caller.ts';
import { writeAs } from '../identity/write-as.ts';
import { entryOf } from '../journal/entry.ts';
import type { Changes, Ports, SigningKeyReads, Store } from '../ports.ts';
import type { Sealer } from '../sealer.ts';
import { serializedLoad } from '../serialized-load.ts';

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
const profiles = Object.keys(jwtProfiles) as JwtProfile[];

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

/** Makes sure that every profile has a key that signs, and will have one: at the start of a server, and now and then. */
export async function ensureSigningKeys(ports: Ports, caller: Caller): Promise<void> {
  for (const profile of profiles) {
    await addKey(ports, caller, profile, (present) => endOfSigning(present, ports.clock()));
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
  const kid = await addKey(ports, caller, profile, () => ports.clock() + publishAheadMs);
  // It is wanted in any case.
  return { kid: kid as string };
}

/** Rotates each profile's key that is this old; answers the profiles. For the machine itself, on any number of nodes. */
export async function rotateOldKeys(ports: Ports, caller: Caller, ageMs: number): Promise<JwtProfile[]> {
  const rotated: JwtProfile[] = [];
  for (const profile of profiles) {
    const kid = await addKey(ports, caller, profile, (present) => {
      const now = ports.clock();
      const last = present.filter(isLasting).at(-1);
      return last !== undefined && last.createdAt + ageMs <= now ? now + publishAheadMs : null;
    });
    if (kid !== null) rotated.push(profile);
  }
  return rotated;
}

/** Ends every token signed with this key at once and, where no other signs, puts a new key in its place. */
export async function revokeSigningKey(ports: Ports, caller: Caller, kid: string): Promise<void> {
  demandOperator(caller, 'rotate:signing_key');
  demandConfirmed(caller, ports.clock());
  const record = (await ports.store.signingKeys.list()).find((one) => one.kid === kid);
  if (record === undefined) throw notFound('signing key');
  const at = ports.clock();
  // Made before it is known whether it is wanted: the profile must not be left without one, whatever fails now.
  const next = await generate(ports.sealer, record.profile, at);
  await writeAs(ports, caller, async (changes) => {
    const present = await presentKeys(changes, record.profile);
    if (!(await changes.signingKeys.revoke(kid, at))) return;
    changes.journal(entryOf(caller, at, 'signing_key.revoked', subjectOf(kid), { profile: record.profile }));
    const others = present.filter((one) => one.kid !== kid);
    const signsFrom = endOfSigning(others, at);
    if (signsFrom !== null) await succeed(changes, caller, others, { ...next, signsFrom });
  });
  await ensureSigningKeys(ports, caller);
}

/**
 * Adds a key that signs from when `startOf` says, or null if it says that none is wanted: first of what there is now, and
 * again when nobody else can change it any more, so that of many nodes one does it.
 */
async function addKey(
  ports: Ports,
  caller: Caller,
  profile: JwtProfile,
  startOf: (present: SigningKey[]) => number | null,
): Promise<string | null> {
  if (startOf(await presentKeys(ports.store, profile)) === null) return null;
  const key = await generate(ports.sealer, profile, ports.clock());
  const isAdded = await writeAs(ports, caller, async (changes) => {
    const present = await presentKeys(changes, profile);
    const signsFrom = startOf(present);
    if (signsFrom === null) return false;
    await succeed(changes, caller, present, { ...key, signsFrom });
    return true;
  });
  await ports.keys.reload();
  return isAdded ? key.kid : null;
}

async function presentKeys(store: { signingKeys: SigningKeyReads }, profile: JwtProfile): Promise<SigningKey[]> {
  return (await store.signingKeys.list()).filter((record) => record.profile === profile);
}

/** The others sign until this one does. */
async function succeed(changes: Changes, caller: Caller, others: SigningKey[], key: SigningKey): Promise<void> {
  const { kid, profile, signsFrom, createdAt } = key;
  for (const old of others.filter(isLasting)) {
    await changes.signingKeys.retire(old.kid, signsFrom, signsFrom + longestTokenMs);
  }
  await changes.signingKeys.insert(key);
  changes.journal(entryOf(caller, createdAt, 'signing_key.created', subjectOf(kid), { profile, signsFrom }));
}

async function generate(sealer: Sealer, profile: JwtProfile, createdAt: number): Promise<SigningKey> {
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
    signsFrom: createdAt,
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

/** True for a key that signs, or will, and has no end. */
function isLasting({ revokedAt, retiredAt }: SigningKey): boolean {
  return revokedAt === null && retiredAt === null;
}

/** From when on none of a profile's keys signs; null if one always will. */
function endOfSigning(present: SigningKey[], now: number): number | null {
  const signing = present.filter((record) => isSigning(record, now));
  if (signing.length > 0 && present.some(isLasting)) return null;
  return Math.max(now, ...signing.map(({ retiredAt }) => retiredAt ?? now));
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
