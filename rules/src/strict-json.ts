// JSON as I-JSON (RFC 7493) wants it, for input that nobody trusts yet: request bodies, JWT headers and JWT claims.
// One pass without recursion judges the text; only then does JSON.parse build the value, so both always agree.
// It limits depth, not length: whoever reads from the network has bounded the size before.

export type JsonProblem = 'malformed' | 'duplicate_key' | 'too_deep' | 'forbidden_key' | 'bad_unicode' | 'bad_number';

export interface JsonFault {
  ok: false;
  problem: JsonProblem;
  /** Plain words with the position; quotes nothing of the input, which may hold secrets. */
  message: string;
  /** Where in the decoded text, in UTF-16 units from 0. */
  offset: number;
}

export type JsonResult = { ok: true; value: unknown } | JsonFault;

/**
 * Parses `input` to exactly what JSON.parse gives, or says what is wrong with it; never throws. Refused beside bad
 * grammar: a name twice in one object (compared after unescaping), containers nested deeper than `maxDepth` (32),
 * the names `__proto__`, `constructor` and `prototype`, invalid UTF-8, a byte order mark, U+0000, lone surrogates,
 * numbers that are not finite, and integers beyond 2^53 - 1 (RFC 7493 sections 2.1 to 2.3).
 */
export function parseStrictJson(input: Uint8Array | string, options: { maxDepth?: number } = {}): JsonResult {
  const text = typeof input === 'string' ? input : decode(input);
  if (text?.isWellFormed() !== true) return faultAt(0, 'bad_unicode', 'The text is not well-formed Unicode');
  if (text.charCodeAt(0) === 0xfeff) return faultAt(0, 'bad_unicode', 'The text begins with a byte order mark');
  const fault = findFault(text, options.maxDepth ?? 32);
  return fault ?? { ok: true, value: JSON.parse(text) };
}

/** The members of a JSON object, or undefined if `input` is not strict JSON or is anything but an object. */
export function parseStrictObject(input: Uint8Array | string): Record<string, unknown> | undefined {
  const result = parseStrictJson(input);
  return result.ok && isObject(result.value) ? result.value : undefined;
}

/**
 * As `parseStrictObject`, and twice as quick for a flat object without escapes, as all are that we write ourselves. For
 * anything else it is slower, so it is for texts of which it is known who wrote them.
 */
export function parseOwnObject(input: Buffer): Record<string, unknown> | undefined {
  return parseFlatObject(input) ?? parseStrictObject(input);
}

/**
 * What `parseStrictObject` makes of an object of scalars and lists of texts that is written without escapes; undefined for
 * everything else, of which the strict parser must judge.
 */
export function parseFlatObject(input: Buffer): Record<string, unknown> | undefined {
  const text = input.toString();
  // Bytes that are no UTF-8 have become U+FFFD.
  if (text.includes('\\') || text.includes('\ufffd')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // A name that is there twice has quotes in the text that nothing in the value accounts for.
    return isObject(value) && 2 * textsIn(value) === quotesIn(input) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How many names and texts there are; NaN if there is anything else than scalars and lists of texts, or than may be. */
function textsIn(members: Record<string, unknown>): number {
  let texts = 0;
  // Nothing but its own members has names here, and if something had, the quotes would not agree.
  for (const name in members) {
    const value = members[name];
    texts += isForbidden(name) ? Number.NaN : 1;
    if (typeof value === 'string') texts += 1;
    else if (Array.isArray(value)) texts += value.every((one) => typeof one === 'string') ? value.length : Number.NaN;
    else if (typeof value === 'number' ? !isExact(value) : typeof value !== 'boolean') texts = Number.NaN;
  }
  return texts;
}

function quotesIn(bytes: Uint8Array): number {
  const { length } = bytes;
  let quotes = 0;
  for (let at = 0; at < length; at += 1) quotes += bytes[at] === quote ? 1 : 0;
  return quotes;
}

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

/** Assigning such members elsewhere could change an object's behaviour instead of its data. */
function isForbidden(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultAt(offset: number, problem: JsonProblem, what: string): JsonFault {
  return { ok: false, problem, message: `${what} (at character ${offset}).`, offset };
}

const notJson = (offset: number): JsonFault => faultAt(offset, 'malformed', 'The text is not valid JSON');

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** What the grammar allows at this place (RFC 8259 sections 2, 4 and 5). */
type Expected = 'value' | 'value or close' | 'name' | 'name or close' | 'end of value';

function findFault(text: string, maxDepth: number): JsonFault | undefined {
  /** The open containers: an object by the names seen in it, an array by null. */
  const open: (Set<string> | null)[] = [];
  let expected: Expected = 'value';
  let at = skipSpace(text, 0);

  for (; ; at = skipSpace(text, at)) {
    const code = text.charCodeAt(at);
    const names = open[open.length - 1];

    if (expected === 'end of value') {
      if (names === undefined) return at === text.length ? undefined : notJson(at);
      if (code === comma) expected = names === null ? 'value' : 'name';
      else if (code === (names === null ? closeBracket : closeBrace)) open.pop();
      else return notJson(at);
      at += 1;
    } else if ((expected === 'name' || expected === 'name or close') && names) {
      if (code === closeBrace && expected === 'name or close') {
        open.pop();
        expected = 'end of value';
        at += 1;
        continue;
      }
      const end = code === quote ? endOfString(text, at) : notJson(at);
      if (typeof end !== 'number') return end;
      const fault = findNameFault(text, at, end, names);
      if (fault) return fault;
      at = skipSpace(text, end);
      if (text.charCodeAt(at) !== colon) return notJson(at);
      expected = 'value';
      at += 1;
    } else if (code === openBrace || code === openBracket) {
      if (open.length >= maxDepth) return faultAt(at, 'too_deep', `More than ${maxDepth} levels are nested`);
      open.push(code === openBrace ? new Set() : null);
      expected = code === openBrace ? 'name or close' : 'value or close';
      at += 1;
    } else if (code === closeBracket && expected === 'value or close') {
      open.pop();
      expected = 'end of value';
      at += 1;
    } else {
      const end = code === quote ? endOfString(text, at) : endOfWord(text, at);
      if (typeof end !== 'number') return end;
      expected = 'end of value';
      at = end;
    }
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; ) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return at;
}

function findNameFault(text: string, at: number, end: number, names: Set<string>): JsonFault | undefined {
  const raw = text.slice(at + 1, end - 1);
  const name = raw.includes('\\') ? String(JSON.parse(text.slice(at, end))) : raw;
  if (isForbidden(name)) return faultAt(at, 'forbidden_key', 'A member has a forbidden name');
  const known = names.size;
  if (names.add(name).size > known) return undefined;
  return faultAt(at, 'duplicate_key', 'A member name appears twice in one object');
}

/** The index after the closing quote of the string that opens at `at`. */
function endOfString(text: string, at: number): number | JsonFault {
  for (let here = at + 1; ; here += 1) {
    const code = text.charCodeAt(here);
    if (code === quote) return here + 1;
    if (code === backslash) {
      const end = endOfEscape(text, here);
      if (typeof end !== 'number') return end;
      here = end - 1;
    } else if (!(code >= 0x20)) {
      return notJson(here);
    }
  }
}

function endOfEscape(text: string, at: number): number | JsonFault {
  const letter = text.charAt(at + 1);
  if (letter !== 'u') return letter !== '' && '"\\/bfnrt'.includes(letter) ? at + 2 : notJson(at);
  const unit = hexUnit(text, at + 2);
  if (unit === undefined) return notJson(at);
  if (unit === 0) return faultAt(at, 'bad_unicode', 'A string holds U+0000');
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  const low = unit < 0xdc00 && text.startsWith('\\u', at + 6) ? hexUnit(text, at + 8) : undefined;
  const isPair = low !== undefined && low >= 0xdc00 && low <= 0xdfff;
  return isPair ? at + 12 : faultAt(at, 'bad_unicode', 'A string holds half of a surrogate pair');
}

function hexUnit(text: string, at: number): number | undefined {
  const digits = text.slice(at, at + 4);
  return /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

const literals = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), word]));
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** The index after the number or literal that begins at `at`. */
function endOfWord(text: string, at: number): number | JsonFault {
  const literal = literals.get(text.charCodeAt(at));
  if (literal !== undefined) return text.startsWith(literal, at) ? at + literal.length : notJson(at);
  number.lastIndex = at;
  if (!number.test(text)) return notJson(at);
  const value = Number(text.slice(at, number.lastIndex));
  if (!Number.isFinite(value)) return faultAt(at, 'bad_number', 'A number is too large');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return faultAt(at, 'bad_number', 'An integer is beyond 2^53 - 1');
  }
  return number.lastIndex;
}
