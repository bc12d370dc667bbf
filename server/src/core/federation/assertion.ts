// Outside tokens as proof of who a client is, or of whose token it is (RFC 7521, 7523): found among the federated credentials of whom
// they are shown for, held against keys, times, audience and conditions, and used up. What they are good for is not decided here.

import { faultInTimes, usableUntil } from '../assertions/assertion-times.ts';
import { createIssuerKeys, type IssuerKeys, type KeysFailure } from '../assertions/issuer-keys.ts';
import { isSignedBy, type OutsideJwt, readOutsideJwt } from '../assertions/outside-jwt.ts';
import { chooseKey, keysIn, type PublicKey } from '../assertions/public-keys.ts';
import type { Clock } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import { type Outbound, outboundFailures } from '../outbound.ts';
import { digestOf } from '../secret.ts';
import type { AssertionVerifier, PresentedAssertion } from '../tokens/ports.ts';
import type { Writer } from '../writer.ts';
import { unmetCondition } from './conditions.ts';
import type { FederatedCredentialReads, UsedAssertionChanges } from './ports.ts';
import type { FederatedCredential } from './records.ts';

export interface AssertionPorts {
  store: { federatedCredentials: Pick<FederatedCredentialReads, 'list'> } & Writer<{
    usedAssertions: Pick<UsedAssertionChanges, 'insert'>;
  }>;
  outbound: Outbound;
  clock: Clock;
}

/** Whose tokens are taken. `name`: for the operator. */
type Trusted = Pick<
  FederatedCredential,
  'organizationId' | 'name' | 'issuer' | 'audience' | 'conditions' | 'jwksUri' | 'jwks'
> & {
  /** On whose behalf keys are read, where that is not the organization's. */
  party?: string;
};

type Shown = Pick<PresentedAssertion, 'clientId' | 'as' | 'audiences'>;

/** Verifies assertions; the keys of issuers are kept as issuer-keys.ts says. */
export function createAssertionVerifier({ store, outbound, clock }: AssertionPorts): AssertionVerifier {
  const issuerKeys = createIssuerKeys({ outbound, clock });

  /** The one of those it is `named` by that it holds for, for which it is used up; or why there is none. */
  async function take<T extends Trusted>(
    named: readonly T[],
    jwt: OutsideJwt,
    shown: Shown,
  ): Promise<{ by: T } | { why: string }> {
    const now = clock();
    const faults = named.map(
      (one) => faultInTimes(jwt.claims, now, one.issuer === null) ?? faultInClaims(one, jwt, shown),
    );
    const suiting = named.filter((_, at) => faults[at] === null);
    if (suiting.length === 0) return { why: faults[0] ?? '' };
    const by = await firstSigned(issuerKeys, suiting, jwt);
    if (by === null) return { why: 'its signature is of no key of its issuer' };
    const used = { digest: usedDigest(by, jwt), expiresAt: usableUntil(jwt.claims) };
    const isFirst = await store.write(({ usedAssertions }) => usedAssertions.insert(used));
    return isFirst ? { by } : { why: 'it was used before' };
  }

  return {
    async prove(assertion) {
      const jwt = readOutsideJwt(assertion.jwt);
      const { owner } = assertion;
      // Asked also where there is nobody, so that it takes the same time.
      const credentials = await store.federatedCredentials.list(owner?.organizationId ?? '', {
        type: 'api_user',
        id: owner?.id ?? '',
      });
      if (jwt === null) return { why: noJwt };
      const named = credentials.filter((one) => isNamed(one, jwt, assertion));
      if (named.length === 0) return { why: 'no federated credential is of its iss' };
      const taken = await take(named, jwt, assertion);
      return 'by' in taken ? { lineageId: taken.by.lineageId } : taken;
    },

    async proveOwn({ clientId, organizationId, party = organizationId, jwt: text, audiences, jwksUri, jwks }) {
      const jwt = readOutsideJwt(text);
      if (jwt === null) return noJwt;
      const own = { issuer: null, audience: null, conditions: {}, name: 'the application', organizationId, party };
      const shown: Shown = { clientId, as: 'client', audiences };
      if (!isNamed(own, jwt, shown)) return 'its iss and sub are not the id of the client';
      const taken = await take([{ ...own, jwksUri, jwks }], jwt, shown);
      return 'by' in taken ? null : taken.why;
    },
  };
}

const noJwt = 'it is no JWT, or its alg is not taken';

function isNamed({ issuer }: Pick<Trusted, 'issuer'>, { claims }: OutsideJwt, { clientId, as }: Shown): boolean {
  const { iss, sub } = claims;
  if (issuer !== null) return iss === issuer;
  return as === 'client' && iss === clientId && sub === clientId;
}

/** In words for the operator; null if audience and conditions are as they should be. */
function faultInClaims(
  { audience, conditions, name }: Trusted,
  { claims }: OutsideJwt,
  { audiences }: Shown,
): string | null {
  const { aud } = claims;
  const wanted = audience === null ? audiences : [audience];
  const said: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!said.some((one) => typeof one === 'string' && wanted.includes(one))) return `its aud is not that of ${name}`;
  const unmet = unmetCondition(conditions, claims);
  return unmet === null ? null : `its ${unmet} is not what ${name} demands`;
}

/**
 * The first of the credentials whose keys made the signature. Throws KeywardError `unavailable` where none is found, and keys could not
 * be read.
 */
async function firstSigned<T extends Trusted>(
  issuerKeys: IssuerKeys,
  credentials: readonly T[],
  jwt: OutsideJwt,
): Promise<T | null> {
  let missing: { credential: T; failure: KeysFailure } | null = null;
  for (const credential of credentials) {
    const keys = await keysOf(issuerKeys, credential, jwt);
    if (typeof keys === 'string') missing = { credential, failure: keys };
    else {
      const key = chooseKey(keys, jwt);
      if (key !== undefined && isSignedBy(jwt, key)) return credential;
    }
  }
  if (missing !== null) throw keysMissing(missing.credential, missing.failure);
  return null;
}

function keysOf(
  issuerKeys: IssuerKeys,
  { issuer, jwks, jwksUri, organizationId, party = organizationId }: Trusted,
  jwt: OutsideJwt,
): Promise<readonly PublicKey[] | KeysFailure> | readonly PublicKey[] {
  if (jwks !== null) return keysIn(jwks) ?? [];
  const at = jwksUri === null ? { issuer: issuer ?? '' } : { jwksUri };
  return issuerKeys.find(at, party, (keys) => chooseKey(keys, jwt) !== undefined);
}

/**
 * What tells an assertion from every other one in its organization: `iss` and `jti`, or all that is signed. The signature is left out:
 * it can be spelled in several ways.
 */
function usedDigest({ organizationId }: Trusted, { claims, signingInput }: OutsideJwt): string {
  const { iss, jti } = claims;
  return digestOf(JSON.stringify([organizationId, ...(typeof jti === 'string' ? [iss, jti] : [signingInput])]));
}

function keysMissing({ issuer, jwksUri, name }: Trusted, failure: KeysFailure): KeywardError {
  const why =
    failure === 'no_keys' ? 'what it publishes is no metadata of it, or no JWK set' : outboundFailures[failure];
  const cause = new Error(`The keys for "${name}" could not be read from ${jwksUri ?? issuer}: ${why}.`);
  return new KeywardError('unavailable', 'The keys of the token’s issuer cannot be read at the moment.', {
    retryAfterMs: 30_000,
    cause,
  });
}
