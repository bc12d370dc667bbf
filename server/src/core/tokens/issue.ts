// Access tokens: what they claim, their two forms (JWT and sealed), and how they are read back.
// Whether the source of a token still stands is inspect's question, not this file's.

import { type JwsAlgorithm, maxCompactLength, signCompact } from '@keyward/rules/jws';
import { sourceClaims, type TokenBounds } from '@keyward/rules/token-bounds';
import { generationOf } from '../caller/credential-lifecycle.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { Clock } from '../clock.ts';
import type { Sealer } from '../sealer.ts';
import { newId } from '../secret.ts';
import type { Settings } from '../settings.ts';
import type { KeySet } from './key-set.ts';
import type { IssuedToken, JwtProfile, TokenClient } from './records.ts';

/** The ports of what makes access tokens. */
export interface IssuingPorts {
  sealer: Pick<Sealer, 'sealAccessToken'>;
  keys: Pick<KeySet, 'signer'>;
  clock: Clock;
  settings: Pick<Settings, 'issuer'>;
}

/** Times of a token in whole seconds since the epoch, as JWTs have them. */
export interface TokenTimes {
  issuedAt: number;
  expiresAt: number;
}

/** How a dialect wants its access token made. */
export interface TokenShape {
  form: JwtProfile | 'sealed';
  /** At most 24 hours. */
  lifetimeMs: number;
  /** Survives the deactivation of its API user, unless that is a cut-off. Only for sealed tokens. */
  outlivesDeactivation?: true;
  /** The dialect's own claims, in its order. `iss, aud, jti, sub, src` are added behind those that it does not set. */
  claims?: (times: TokenTimes, jti: string) => Record<string, unknown>;
  /** The session that it counts only as long as (`sid`, as in OpenID Connect Front-Channel Logout). Only for JWTs and bound tokens. */
  sessionId?: string;
  /** What it is bound to beyond its source, and who gets it. Not for tokens that are recorded. */
  bound?: { to: TokenBounds; client: TokenClient };
  /** What a JWT is signed with, where that is not the profile's own. */
  algorithm?: JwsAlgorithm;
}

/** Makes an access token from a credential record. Pure but for randomness: nothing is stored. */
export function issue(
  ports: IssuingPorts,
  record: CredentialRecord,
  shape: TokenShape,
): { token: string; record: IssuedToken } {
  const issuedAt = Math.floor(ports.clock() / 1000);
  const times = { issuedAt, expiresAt: issuedAt + Math.floor(shape.lifetimeMs / 1000) };
  const jti = newId();
  const { source, organization } = record;
  const issued = {
    jti,
    organizationId: organization.id,
    source,
    issuedAt: times.issuedAt * 1000,
    expiresAt: times.expiresAt * 1000,
  };
  const { bound } = shape;
  const bounds = bound?.to ?? null;
  const from = sourceClaims({ src: `${source.type}:${source.id}:${generationOf(record)}`, bounds });
  const got = bound === undefined ? {} : clientClaims(bound.client);
  if (shape.form === 'sealed') {
    if (shape.sessionId !== undefined && bounds === null) throw new Error('A sealed token names no session.');
    const claims = {
      jti,
      // Older servers read a bound one and find nothing in it.
      ...(bounds !== null && { src: '', aud: bounds.audience, sid: shape.sessionId }),
      ...from,
      ...got,
      iat: times.issuedAt,
      exp: times.expiresAt,
      out: shape.outlivesDeactivation === true,
    };
    return { token: ports.sealer.sealAccessToken(JSON.stringify(claims)), record: issued };
  }
  const key = ports.keys.signer(shape.form, ports.clock(), shape.algorithm);
  const own = shape.claims?.(times, jti) ?? { iat: times.issuedAt, exp: times.expiresAt };
  const { issuer } = ports.settings;
  const claims = {
    ...own,
    ...got,
    iss: issuer,
    aud: bounds?.audience ?? issuer,
    jti,
    sub: source.id,
    ...from,
    ...(shape.sessionId && { sid: shape.sessionId }),
  };
  const token = signCompact({ alg: key.algorithm, typ: key.typ, kid: key.kid }, claims, key.privateKey);
  // A dialect bounds what it claims; nothing is issued that would be refused.
  if (token.length > maxCompactLength)
    throw new Error(`A ${shape.form} token of ${token.length} characters is not read.`);
  return { token, record: issued };
}

function clientClaims({ clientId, actor }: TokenClient): Record<string, unknown> {
  return { client_id: clientId, ...(actor !== null && { act: actor }) };
}
