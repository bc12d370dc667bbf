// What a request must be before anyone looks at what it says: Node and the router are laxer than an authentication
// server may be, and wherever two readers could disagree the request is refused. No rule looks a credential up.

import { KeywardError } from '../core/errors.ts';
import { type FormReading, parseForm } from './form.ts';
import { rawPathOf, rawQueryOf } from './query.ts';

/** Bytes. Beyond them: 414, 431 and 413 (S75). */
export const urlLimit = 8 * 1024;
export const headerLimit = 16 * 1024;
export const bodyLimit = 64 * 1024;

/** Headers whose second line is a disagreement in waiting; `x-forwarded-*` and `x-original-*` are among them (S62, S69). */
const singleHeaders = new Set(['host', 'authorization', 'content-type', 'forwarded']);

/** Query parameters in which credentials are put by mistake, and then logged by every proxy (RFC 9700 section 4.3.2). */
const credentialParameters = new Set(['access_token', 'api_key', 'token']);

/** What a guarded route may let stand in a path beside its plain form. */
export interface PathLeniency {
  /** `%2F`, which is a slash within one part of the path. */
  readonly encodedSlashes?: boolean;
  /** `;` and `%3B`, which some servers read as the end of a part's name. */
  readonly semicolons?: boolean;
}

/** What is wrong with a request target, which must be a plain path and perhaps a query; undefined if nothing is. */
export function targetFault(target: string, leniency: PathLeniency = {}): KeywardError | undefined {
  if (target.length > urlLimit) return new KeywardError('uri_too_long', 'The URL is longer than 8 kB.');
  const path = rawPathOf(target);
  const isPlain =
    /^\/[\x21-\x7e]*$/.test(path) &&
    !/[\\#]|\/\/|\/\.{1,2}(?:\/|$)|%(?:2e|5c|[01][0-9a-f]|7f)/i.test(path) &&
    (leniency.encodedSlashes === true || !/%2f/i.test(path)) &&
    (leniency.semicolons === true || !/;|%3b/i.test(path)) &&
    !hasDotPart(path) &&
    !target.includes('#') &&
    decodes(path);
  return isPlain ? undefined : malformed('path', 'The path is not in its plain form.');
}

/** True where a server that decodes `%2F`, or cuts a part at `;`, would see a part that is empty, `.` or `..`. */
function hasDotPart(path: string): boolean {
  if (!/;|%(?:2f|3b)/i.test(path)) return false;
  return path.split(/\/|%2f/i).some((part) => /^\.{0,2}(?:;|%3b)|^\.{1,2}$/i.test(part));
}

/** True for header lines that are too large in all; Node counts only a part of a head that comes in many lines. */
export function areHeadersTooLarge(rawHeaders: readonly string[]): boolean {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes > headerLimit;
}

/**
 * True for the Host of a request: a name or an address, and perhaps a port (RFC 9112 section 3.2). Of what RFC 3986 allows in
 * a name, the characters are left out that no name has and that look like two hosts, or like a path, to somebody else.
 */
export function isHost(value: string): boolean {
  return /^(?:[\w.~%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i.test(value);
}

/** What is wrong with the header lines; undefined if nothing is. `rawHeaders` is Node's: names and values in turn. */
export function headerFault(rawHeaders: readonly string[]): KeywardError | undefined {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    // Node answers some requests before it notices that it cannot read their bodies (RFC 9112, section 6.1).
    if (name === 'transfer-encoding' && rawHeaders[index + 1]?.toLowerCase() !== 'chunked') {
      return new KeywardError('invalid_request', 'Only the transfer encoding chunked is understood.');
    }
    if (!singleHeaders.has(name) && !/^x-(?:forwarded|original)-/.test(name)) continue;
    if (seen.has(name)) return new KeywardError('invalid_request', 'A header that may be sent once was sent twice.');
    seen.add(name);
    if (name === 'host' && !isHost(rawHeaders[index + 1] ?? '')) {
      return new KeywardError('invalid_request', 'The Host header is not a host.');
    }
  }
  return undefined;
}

/** The query of one of our own endpoints; `lists` may be repeated. Throws KeywardError `invalid_request` (S5, S78). */
export function strictQueryOf(target: string, lists: readonly string[] = []): Record<string, string> {
  const reading: FormReading = parseForm(rawQueryOf(target), lists);
  if (!reading.ok) throw malformed('query', reading.message);
  if (Object.keys(reading.value).some((name) => credentialParameters.has(name.toLowerCase()))) {
    throw malformed('query', 'Send the credential in the Authorization header, not in the URL.');
  }
  return reading.value;
}

/** A part of the request that cannot be read at all. */
export function malformed(part: 'path' | 'query' | 'body', message: string): KeywardError {
  return new KeywardError('invalid_request', message, { faults: [{ at: [part], kind: 'malformed', message }] });
}

function decodes(path: string): boolean {
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
