// Signing keys: one line of succession per JWT profile, and per algorithm that an API chose. A new key is published before it signs, an old one verifies
// until the last token that it signed has ended.

import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import type { JwsAlgorithm } from '@keyward/rules/jws';
import { type Awaitable, whenHere } from '../awaitable.ts';
import { type Caller, demand, demandConfirmed, demandOperator } from '../caller/caller.ts';
import { writeAs } from '../caller/write-as.ts';
import type { Clock } from '../clock.ts';
import { KeywardError, notFound } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { JournalProgress } from '../journal/ports.ts';
import { whenReached } from '../journal/when-reached.ts';
import type { Sealer } from '../sealer.ts';
import { isSigning, type KeySet } from './key-set.ts';
import type { Changes, Changing, Reading, SigningKeyReads } from './ports.ts';
import { type JwtProfile, jwtProfiles, type SigningKey } from './records.ts';

type KeyChangingPorts = Reading<'signingKeys' | 'apis'> &
  Changing<'signingKeys'> & { sealer: Sealer; keys: Pick<KeySet, 'reload'> };

/** How long the JWKS may be cached, and so how long before its first use a key must be published (S37). */
export const jwksMaxAgeMs = 300_000;
const publishAheadMs = 2 * jwksMaxAgeMs;
const longestTokenMs = 24 * 3_600_000;
/** What one key after another signs. */
interface Line {
  profile: JwtProfile;
  algorithm: JwsAlgorithm;
}

const usualLines = Object.entries(jwtProfiles).map(([profile, { algorithm }]) => ({ profile, algorithm }) as Line);

/**
 * Makes sure that every profile has a key that signs, and will have one, and with each algorithm that an API chose: at the
 * start of a server, when one chose, and now and then. The first key of an algorithm signs at once or, where others sign
 * for its API until then, when it has been published for long enough (`publishes: 'ahead'`).
 */
export async function ensureSigningKeys(
  ports: KeyChangingPorts,
  caller: Caller,
  publishes: 'ahead' | 'at once' = 'at once',
): Promise<void> {
  for (const line of await linesIn(ports)) {
    await addKey(ports, caller, line, (present) => {
      if (!isUsual(line) && present.some(isLasting)) return null;
      const now = ports.clock();
      return present.length === 0 && publishes === 'ahead' ? now + publishAheadMs : endOfSigning(present, now);
    });
  }
  await ports.keys.reload();
}

/**
 * The public key set (RFC 7517), as of an entry of the journal or later: a verifier may have heard of a new key through
 * another node. For everyone. Throws `unavailable` if the journal does not go so far or cannot be read.
 */
export function publicKeys(
  ports: { keys: Pick<KeySet, 'published'>; clock: Clock; subscribers: JournalProgress },
  cursor = 0,
): Awaitable<{ keys: Record<string, unknown>[] }> {
  return whenHere(whenReached(ports, cursor), () => ({ keys: ports.keys.published(ports.clock()) }));
}

/** The keys without their secrets. Needs `read:signing_key`. */
export async function listSigningKeys(
  ports: Reading<'signingKeys'>,
  caller: Caller,
): Promise<Omit<SigningKey, 'sealedPrivateJwk'>[]> {
  demand(caller, 'read:signing_key');
  const records = await ports.store.signingKeys.list();
  return records.map(({ sealedPrivateJwk: _, ...rest }) => rest);
}

/**
 * Publishes a new key, which signs ten minutes from now, and retires the present one at that moment; tokens signed
 * with the old one work to their end. Operators with `rotate:signing_key` only. Throws `not_found` for an algorithm that
 * no API chose.
 */
export async function rotateSigningKey(
  ports: KeyChangingPorts,
  caller: Caller,
  profile: JwtProfile,
  algorithm = jwtProfiles[profile].algorithm,
): Promise<{ kid: string }> {
  demandOperator(caller, 'rotate:signing_key');
  demandConfirmed(caller, ports.clock());
  const line = (await linesIn(ports)).find((one) => one.profile === profile && one.algorithm === algorithm);
  if (line === undefined) throw new KeywardError('not_found', `No API chose ${algorithm} for ${profile}.`);
  const added = await addKey(ports, caller, line, () => ports.clock() + publishAheadMs);
  // It is wanted in any case.
  return added as { kid: string };
}

/** Rotates each profile's key that is this old; answers the profiles. For the machine itself, on any number of nodes. */
export async function rotateOldKeys(ports: KeyChangingPorts, caller: Caller, ageMs: number): Promise<JwtProfile[]> {
  const rotated: JwtProfile[] = [];
  for (const line of await linesIn(ports)) {
    const added = await addKey(ports, caller, line, (present) => {
      const now = ports.clock();
      const last = present.filter(isLasting).at(-1);
      return last !== undefined && last.createdAt + ageMs <= now ? now + publishAheadMs : null;
    });
    if (added !== null) rotated.push(line.profile);
  }
  return rotated;
}

/** Ends every token signed with this key at once and, where no other signs, puts a new key in its place. */
export async function revokeSigningKey(ports: KeyChangingPorts, caller: Caller, kid: string): Promise<void> {
  demandOperator(caller, 'rotate:signing_key');
  demandConfirmed(caller, ports.clock());
  const record = (await ports.store.signingKeys.list()).find((one) => one.kid === kid);
  if (record === undefined) throw notFound('signing key');
  const at = ports.clock();
  // Made before it is known whether it is wanted: the profile must not be left without one, whatever fails now.
  const next = await generate(ports.sealer, record, at);
  await writeAs(ports, caller, async (changes) => {
    const present = await presentKeys(changes, record);
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
  ports: KeyChangingPorts,
  caller: Caller,
  line: Line,
  startOf: (present: SigningKey[]) => number | null,
): Promise<{ kid: string } | null> {
  if (startOf(await presentKeys(ports.store, line)) === null) return null;
  const key = await generate(ports.sealer, line, ports.clock());
  const added = await writeAs(ports, caller, async (changes) => {
    const present = await presentKeys(changes, line);
    const signsFrom = startOf(present);
    if (signsFrom === null) return null;
    await succeed(changes, caller, present, { ...key, signsFrom });
    return { kid: key.kid };
  });
  await ports.keys.reload();
  return added;
}

async function linesIn({ store }: Reading<'apis'>): Promise<Line[]> {
  const { algorithm: usual } = jwtProfiles.oauth;
  const chosen = new Set((await store.apis.list()).map(({ signingAlgorithm }) => signingAlgorithm));
  chosen.delete(usual);
  return [...usualLines, ...[...chosen].map((algorithm) => ({ profile: 'oauth', algorithm }) as const)];
}

async function presentKeys(
  store: { signingKeys: SigningKeyReads },
  { profile, algorithm }: Line,
): Promise<SigningKey[]> {
  const all = await store.signingKeys.list();
  return all.filter((record) => record.profile === profile && record.algorithm === algorithm);
}

/** The others sign until this one does. */
async function succeed(
  changes: Changes<'signingKeys'>,
  caller: Caller,
  others: SigningKey[],
  key: SigningKey,
): Promise<void> {
  const { kid, profile, signsFrom, createdAt } = key;
  for (const old of others.filter(isLasting)) {
    await changes.signingKeys.retire(old.kid, signsFrom, signsFrom + longestTokenMs);
  }
  await changes.signingKeys.insert(key);
  changes.journal(entryOf(caller, createdAt, 'signing_key.created', subjectOf(kid), { profile, signsFrom }));
}

async function generate(sealer: Sealer, { profile, algorithm }: Line, createdAt: number): Promise<SigningKey> {
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

function generatePair(algorithm: JwsAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) =>
      error === null ? resolve({ publicKey, privateKey }) : reject(error);
    if (algorithm === 'RS256') generateKeyPair('rsa', { modulusLength: 2048 }, done);
    else if (algorithm === 'EdDSA') generateKeyPair('ed25519', undefined, done);
    else generateKeyPair('ec', { namedCurve: 'P-256' }, done);
  });
}

/** What a profile's tokens are signed with where no key of another algorithm signs. */
function isUsual({ profile, algorithm }: Line): boolean {
  return algorithm === jwtProfiles[profile].algorithm;
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

function subjectOf(kid: string) {
  return { type: 'signing_key', id: kid };
}
