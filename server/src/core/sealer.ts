// Authenticated encryption under the key ring: sealed access tokens, private signing keys, readable API tokens, second
// factors and answers with secrets at rest, and MACs for page cursors, recovery codes and user codes. It reads no file, knows no expiry and stores nothing. docs/sealed-tokens.md has
// the format for others; the layout of what is sealed, before base64url without padding (RFC 4648 section 5), is:
//   1 byte version (1) | 4 bytes key id | 12 bytes nonce | ciphertext, as long as the plaintext | 16 bytes GCM tag

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { isAscii } from '@keyward/rules/ascii';
import { KeywardError } from './errors.ts';
import { drawRandom, type RandomSource } from './secret.ts';

export interface SealingKey {
  /** 8 lower-case hex digits; not secret. */
  id: string;
  /** 32 random bytes, held so that printing the object shows nothing. */
  secret: KeyObject;
}

export interface SealingKeys {
  current: SealingKey;
  /** Newest first, `current` among them. */
  all: readonly SealingKey[];
}

/** Each purpose has its own keys: what was sealed for one never opens for another. */
export type SealPurpose =
  | 'access-token'
  | 'signing-key'
  | 'readable-token'
  | 'second-factor'
  | 'kept-answer'
  | 'import-pepper'
  | 'authorization-request'
  | 'webhook';
export type MacPurpose = 'cursor' | 'recovery-code' | 'user-code' | 'dpop-nonce';

export interface Sealer {
  /** Base64url. It opens only with the same purpose and the same `context`, such as the id of the row it belongs to. */
  seal(purpose: SealPurpose, plaintext: string, context?: string): string;
  /** Null for whatever this ring did not seal for this purpose and context: it does not say why. */
  open(purpose: SealPurpose, sealed: string, context?: string): string | null;
  /** 43 base64url characters that vouch for `text`. */
  mac(purpose: MacPurpose, text: string): string;
  /** True if any key of the ring made `mac` for `text`. */
  checkMac(purpose: MacPurpose, text: string, mac: string): boolean;
  /** `AT1` and the claims, sealed. */
  sealAccessToken(json: string): string;
  /** The claims' JSON, or null. At most 8,192 characters are looked at. */
  openAccessToken(text: string): string | null;
}

/**
 * Reads `<8 hex digits>:<32 bytes in base64url>`, one key a line or separated by commas (an environment variable has
 * no lines), `#` comments allowed. Throws an Error in plain words with the line's number, never with a secret.
 */
export function parseSealingKeys(text: string): SealingKeys {
  const all: SealingKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const entries = line.replace(/#.*/s, '').split(',');
    for (const entry of entries.map((one) => one.trim())) if (entry) all.push(parseKey(entry, index + 1, all));
  }
  const [current] = all;
  if (!current)
    throw new KeywardError(
      'invalid_request',
      'There is no sealing key: at least one line `<8 hex digits>:<43 characters>` is needed.',
    );
  return { current, all };
}

/** The content of a new `secrets.key` with one key. */
export function generateSealingKeys(): string {
  const id = Buffer.from(drawRandom(4)).toString('hex');
  const secret = Buffer.from(drawRandom(32)).toString('base64url');
  return `# Keyward's sealing keys, the newest first. Whoever has them can open what is sealed: keep them apart from backups.\n${id}:${secret}\n`;
}

const version = 1;
const nonceStart = 5;
const textStart = 17;
const tagLength = 16;
const prefix = 'AT1';
const maxAccessTokenLength = 8192;

/** The id of the key that something was sealed with; anything at all for what nobody sealed. */
export function sealingKeyOf(sealed: string): string {
  return Buffer.from(sealed, 'base64url').subarray(1, 5).toString('hex');
}

/** Seals with `keys.current`, opens with any of `keys.all`. `random` gives the nonces, which must never repeat. */
export function createSealer(keys: SealingKeys, random: RandomSource = drawRandom): Sealer {
  const ring = new Map(keys.all.map((key) => [Number.parseInt(key.id, 16), subkeysOf(key.secret)]));
  const current = subkeysOf(keys.current.secret);
  const head = Buffer.from(`0${version}${keys.current.id}`, 'hex');

  const seal: Sealer['seal'] = (purpose, plaintext, context = '') => {
    const nonce = random(textStart - nonceStart);
    const cipher = createCipheriv('aes-256-gcm', current[purpose], nonce);
    cipher.setAAD(boundData(head, context));
    const text = cipher.update(plaintext, 'utf8');
    cipher.final();
    return Buffer.concat([head, nonce, text, cipher.getAuthTag()]).toString('base64url');
  };

  const open: Sealer['open'] = (purpose, sealed, context = '') => {
    if (!isAscii(sealed)) return null;
    const bytes = Buffer.from(sealed, 'base64url');
    // Only the one canonical spelling, so that a token cannot be presented under several names.
    if (bytes.length < textStart + tagLength || bytes.toString('base64url') !== sealed) return null;
    const key = bytes[0] === version ? ring.get(bytes.readUInt32BE(1))?.[purpose] : undefined;
    return key ? decrypt(key, bytes, context) : null;
  };

  return {
    seal,
    open,
    mac: (purpose, text) => hmac(current[purpose], text).toString('base64url'),
    checkMac: (purpose, text, mac) => {
      if (!isAscii(mac)) return false;
      const given = Buffer.from(mac, 'base64url');
      if (given.length !== 32 || given.toString('base64url') !== mac) return false;
      return [...ring.values()].some((subkeys) => timingSafeEqual(hmac(subkeys[purpose], text), given));
    },
    sealAccessToken: (json) => prefix + seal('access-token', json),
    openAccessToken: (text) => {
      if (text.length > maxAccessTokenLength || !text.startsWith(prefix)) return null;
      return open('access-token', text.slice(prefix.length));
    },
  };
}

function parseKey(entry: string, line: number, known: readonly SealingKey[]): SealingKey {
  const [, id, encoded] = /^([0-9a-f]{8}):([A-Za-z0-9_-]{43})$/.exec(entry) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64url');
  if (id === undefined || bytes.toString('base64url') !== encoded) {
    throw new KeywardError(
      'invalid_request',
      `Line ${line} of the sealing keys is not \`<8 hex digits>:<32 bytes in base64url>\`.`,
    );
  }
  if (bytes.every((byte) => byte === bytes[0]))
    throw new KeywardError('invalid_request', `Line ${line} of the sealing keys is not a random key.`);
  const secret = createSecretKey(bytes);
  if (known.some((one) => one.id === id || one.secret.equals(secret))) {
    throw new KeywardError('invalid_request', `Line ${line} of the sealing keys repeats an earlier key or its id.`);
  }
  return { id, secret };
}

/** HKDF-SHA256 (RFC 5869) without salt, `keyward <purpose> v1` as info: one key of 32 bytes for each purpose. */
function subkeysOf(secret: KeyObject): Record<SealPurpose | MacPurpose, KeyObject> {
  const derive = (purpose: string): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `keyward ${purpose} v1`, 32)));
  return {
    'access-token': derive('access-token'),
    'signing-key': derive('signing-key'),
    'readable-token': derive('readable-token'),
    'second-factor': derive('second-factor'),
    'kept-answer': derive('kept-answer'),
    'import-pepper': derive('import-pepper'),
    'authorization-request': derive('authorization-request'),
    webhook: derive('webhook'),
    cursor: derive('cursor'),
    'recovery-code': derive('recovery-code'),
    'user-code': derive('user-code'),
    'dpop-nonce': derive('dpop-nonce'),
  };
}

/** What is authenticated though not encrypted: version and key id, of fixed length, and then the context. */
function boundData(head: Uint8Array, context: string): Uint8Array {
  return context === '' ? head : Buffer.concat([head, Buffer.from(context, 'utf8')]);
}

function decrypt(key: KeyObject, bytes: Buffer, context: string): string | null {
  const end = bytes.length - tagLength;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(nonceStart, textStart), {
    authTagLength: tagLength,
  });
  decipher.setAAD(boundData(bytes.subarray(0, nonceStart), context));
  decipher.setAuthTag(bytes.subarray(end));
  const text = decipher.update(bytes.subarray(textStart, end));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return text.toString('utf8');
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}
