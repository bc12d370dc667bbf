// Where a credential travels in an HTTP request, and that there is only one. It judges nothing.

import { trimBlanks } from '@keyward/rules/blanks';
import { KeywardError } from '../core/errors.ts';

/** A credential as it was presented. `scheme` is lower case but for `apiToken`; `value` is the raw text after it. */
export type Presented =
  | { scheme: 'none' }
  | { scheme: 'bearer' | 'apiToken' | 'basic' | 'dpop'; value: string; from: 'header' | 'query' }
  | { scheme: 'other'; from: 'header' };

export interface Carrier {
  /** The one Authorization header, if any; duplicates are refused before this is reached. */
  authorization: string | undefined;
  /** True while an enabled dialect brings the `apiToken` scheme and query parameter. */
  acceptsApiToken: boolean;
  /** The decoded values of `apiToken` query parameters; read only while they are accepted. */
  apiTokens: readonly string[];
}

/** Reads the one credential. Throws KeywardError `invalid_request` when there are two (RFC 6750 section 2). */
export function presentedCredential(carrier: Carrier): Presented {
  const { authorization } = carrier;
  const apiTokens = carrier.acceptsApiToken ? carrier.apiTokens : [];
  if (apiTokens.length + (authorization === undefined ? 0 : 1) > 1) {
    throw new KeywardError('invalid_request', 'Send one credential, in one place: this request carries more than one.');
  }
  const [fromQuery] = apiTokens;
  if (fromQuery !== undefined) return { scheme: 'apiToken', value: fromQuery, from: 'query' };
  if (authorization === undefined) return { scheme: 'none' };
  return fromHeader(authorization, carrier.acceptsApiToken);
}

/** The text to check, or null where nothing that a guarded call accepts was presented (Basic is for token endpoints). */
export function credentialText(presented: Presented): string | null {
  return presented.scheme === 'apiToken' || isForCalls(presented) ? presented.value : null;
}

/** True for what access tokens are presented with (RFC 6750 section 2.1, RFC 9449 section 7.1). */
export function isForCalls(
  presented: Presented,
): presented is Extract<Presented, { value: string }> & { scheme: 'bearer' | 'dpop' } {
  return presented.scheme === 'bearer' || presented.scheme === 'dpop';
}

/** Blanks around a header's parts (RFC 9110 section 5.6.3). What else Unicode takes for a blank belongs to the value. */
const blanks = [' ', '\t'] as const;

function fromHeader(authorization: string, acceptsApiToken: boolean): Presented {
  // The form that nearly all are in, read without taking it apart. A JWT is long: a pattern would take a microsecond.
  if (authorization.startsWith('Bearer ') && !blanks.some((blank) => authorization.includes(blank, 7))) {
    return { scheme: 'bearer', value: authorization.slice(7), from: 'header' };
  }
  const text = trimBlanks(authorization);
  const space = text.search(/[ \t]/);
  const scheme = (space < 0 ? text : text.slice(0, space)).toLowerCase();
  const value = space < 0 ? '' : trimBlanks(text.slice(space));
  if (scheme === 'apitoken' && acceptsApiToken) return { scheme: 'apiToken', value, from: 'header' };
  if (scheme === 'bearer' || scheme === 'basic' || scheme === 'dpop') return { scheme, value, from: 'header' };
  return { scheme: 'other', from: 'header' };
}
