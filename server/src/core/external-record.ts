// What whoever provides the APIs keeps of its own beside a record of ours: the id of the same thing in its systems, and a
// little JSON. Neither may hold a secret: both are shown to whoever may see the record, and the id on every call.

import { invalid, type KeywardError, taken } from './errors.ts';
import { checkedText } from './name.ts';
import { apiTokenPattern } from './secret.ts';

/** Plain JSON. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface ExternalRecord {
  /** Unique among what is not deleted: organizations, or the API users or the API tokens of one organization. */
  externalId: string | null;
  metadata: Metadata | null;
}

/** Of metadata as JSON, in UTF-8. */
export const longestMetadata = 4096;
/** In UTF-8: three times as much, percent-encoded, still fits into the head of an answer. */
const longestId = 128;

/** The members that were given, as they are kept; null removes one. Throws `invalid_request`. */
export function checkedExternal({ externalId, metadata }: Partial<ExternalRecord>): Partial<ExternalRecord> {
  return {
    ...(externalId !== undefined && { externalId: externalId === null ? null : checkedExternalId(externalId) }),
    ...(metadata !== undefined && { metadata: metadata === null ? null : checkedMetadata(metadata) }),
  };
}

/** For something new, which has none unless they are given. */
export function newExternal(given: Partial<ExternalRecord>): ExternalRecord {
  return { externalId: null, metadata: null, ...checkedExternal(given) };
}

/** Kept in NFC with no space at either end, as names are, so that it is found however it was typed. */
export function checkedExternalId(text: string, at: string | readonly string[] = 'externalId'): string {
  const id = checkedText(at, 'An external id', text);
  if (id === '') throw invalid(at, 'An external id must not be empty. Say null for none.');
  if (Buffer.byteLength(id) > longestId) throw invalid(at, `An external id has at most ${longestId} bytes.`);
  if (holdsSecret(id)) throw invalid(at, `An external id is shown on every call: ${noSecret}`);
  return id;
}

/** What the journal says: that metadata changed, and never what it holds. */
export function journalled({ externalId, metadata }: Partial<ExternalRecord>): Record<string, unknown> {
  return {
    ...(externalId !== undefined && { externalId }),
    ...(metadata !== undefined && { metadata: metadata === null ? 'removed' : 'set' }),
  };
}

/** As `journalled`, of something new: nothing of what it does not have. */
export function journalledNew({ externalId, metadata }: ExternalRecord): Record<string, unknown> {
  return { ...(externalId !== null && { externalId }), ...(metadata !== null && { metadata: 'set' }) };
}

/** A `conflict` over the external id: it is that of another `noun` already. */
export function externalIdTaken(noun: string, externalId: string): KeywardError {
  const text = `There is ${noun} with the external id ${JSON.stringify(externalId)} already.`;
  return taken(['body', 'externalId'], text);
}

function checkedMetadata(metadata: Metadata): Metadata {
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) > longestMetadata) {
    throw invalid(
      'metadata',
      `Metadata has at most ${longestMetadata} bytes as JSON; this has ${Buffer.byteLength(text)}.`,
    );
  }
  if (holdsSecret(text)) throw invalid('metadata', `Metadata is shown with the record: ${noSecret}`);
  return metadata;
}

const noSecret =
  'it must not hold a secret, and this looks like one. Keep secrets where only those who need them read.';

/** True for text in which there is something of the form of an API token, an access token or a generated password. */
function holdsSecret(text: string): boolean {
  if (apiTokenPattern.test(text)) return true;
  if (text.split(/[^\w.-]+/).some((word) => sealed.test(word) || jwt.test(word))) return true;
  return text.split(/[^0-9A-Za-z]+/).some(isPassword);
}

const sealed = /^AT1[\w-]{40}/;
const jwt = /^ey[\w-]+\.[\w-]+\.[\w-]+$/;

/** 48 characters drawn from all of base 62 are never without capitals, small letters or digits, as hexadecimal ones are. */
function isPassword(word: string): boolean {
  return word.length === 48 && /[A-Z]/.test(word) && /[a-z]/.test(word) && /\d/.test(word);
}
