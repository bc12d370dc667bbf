// What an access token is bound to beyond what it was made from: one API, a scope, a key, the access tokens behind it. The server
// and every verifier read and apply it here. Such a token names its source in a claim of its own (`bsrc`), so that a
// verifier which does not know of bounds refuses it; whether that source still carries it is not asked here.

import { intersect } from './permission.ts';

export interface TokenBounds {
  /** The identifier of the only API that it is good for. */
  audience: string;
  /** The permissions and patterns that it may use of what its source may do; none of them is nothing. */
  scope: readonly string[];
  /** The ids of the access tokens that it was made from, the nearest first: it ends with each of them. */
  parents: readonly string[];
  /** The thumbprint (RFC 7638) of the only key that it may be used with (RFC 9449); null if whoever bears it may. */
  key: string | null;
}

/** What a token was made from, as `type:id:generation`, and its bounds if it has any. */
export interface TokenSource {
  src: string;
  bounds: TokenBounds | null;
}

/** A longer line of descent is not made, and not believed. */
export const mostParents = 8;

/** Where claims name their source: in `src` alone, or in `bsrc` alone and with bounds that can be read. Null for neither. */
export function sourceIn(claims: Readonly<Record<string, unknown>>): TokenSource | null {
  const { src, bsrc, aud, scope, par = [], cnf } = claims;
  // What is bound to a key in a way that is not understood is nobody's.
  const key = cnf === undefined ? null : keyIn(cnf);
  if (key === undefined) return null;
  if (bsrc === undefined) return typeof src === 'string' && key === null ? { src, bounds: null } : null;
  if (src !== undefined || typeof bsrc !== 'string' || typeof aud !== 'string' || typeof scope !== 'string')
    return null;
  if (!isIds(par)) return null;
  return { src: bsrc, bounds: { audience: aud, scope: scopeIn(scope), parents: par, key } };
}

/** The claims that say so. */
export function sourceClaims({ src, bounds }: TokenSource): Record<string, unknown> {
  if (bounds === null) return { src };
  const { scope, parents, key } = bounds;
  return {
    scope: scope.join(' '),
    bsrc: src,
    ...(parents.length > 0 && { par: parents }),
    ...(key !== null && { cnf: { jkt: key } }),
  };
}

/** The parts of a scope (RFC 6749 section 3.3), each once. */
export function scopeIn(text: string): string[] {
  return [...new Set(text.split(' ').filter((one) => one !== ''))];
}

/** What a token within these bounds may do of what its source may do. */
export function within({ scope }: Pick<TokenBounds, 'scope'>, permissions: readonly string[]): readonly string[] {
  return intersect(scope, permissions);
}

/** True if it is good for the API with this identifier; undefined is none. */
export function isBoundFor({ audience }: TokenBounds, identifier: string | undefined): boolean {
  return audience === identifier;
}

/** The ids by whose revocation a token ends: its own, and those of the tokens that it was made from. */
export function lineageOf(jti: string, bounds: TokenBounds | null): readonly string[] {
  return bounds === null ? [jti] : [jti, ...bounds.parents];
}

/** RFC 7800 section 3.1, RFC 9449 section 6.1; undefined for any other confirmation. */
function keyIn(cnf: unknown): string | undefined {
  if (typeof cnf !== 'object' || cnf === null) return undefined;
  const { jkt, ...others } = cnf as Record<string, unknown>;
  const isAlone = Object.keys(others).length === 0;
  return isAlone && typeof jkt === 'string' && /^[\w-]{43}$/.test(jkt) ? jkt : undefined;
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= mostParents && value.every((one) => typeof one === 'string');
}
