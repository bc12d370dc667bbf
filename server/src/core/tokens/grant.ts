// Access tokens for one API and a scope: for a client in its own name, or out of a token that somebody bears. One pipeline
// for both; what is made is never wider and never lasts longer than what it is made from (S47).

import type { Proven } from '@keyward/rules/dpop/proofs';
import { mostParents, type TokenBounds } from '@keyward/rules/token-bounds';
import { defaultApi } from '../caller/catalogue.ts';
import { boundPrincipal, principalOf } from '../caller/principal.ts';
import type { CredentialRecord, Principal } from '../caller/records.ts';
import type { UseRecorder } from '../caller/use.ts';
import type { ApiCache } from '../catalogue/api-cache.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import type { CredentialReason } from '../errors.ts';
import { authenticateClient, type ClientPorts, type ClientProof, clientIdOf } from './client.ts';
import { type FailedExchange, type FailedProof, toldOf, whose } from './exchange-failure.ts';
import { lifetimeWithin, tellUse } from './exchange-use.ts';
import { type IssuingPorts, issue } from './issue.ts';
import type { Reading } from './ports.ts';
import type { Proved, Renewing } from './proof.ts';
import type { TokenReadingPorts } from './read.ts';
import type { TokenClient } from './records.ts';
import { scopeWithin } from './scope.ts';
import { proveSubject, type Subject } from './subject.ts';

export type GrantingPorts = Reading<'apiUsers' | 'credentials' | 'permissions' | 'revokedTokens'> &
  IssuingPorts &
  ClientPorts &
  TokenReadingPorts & {
    apis: Pick<ApiCache, 'identifierOf' | 'handleOf' | 'has' | 'algorithmOf'>;
    usage: UseRecorder;
    exchangeFailed(failure: FailedExchange): void;
  };

/** The token that is wanted. */
export interface WantedToken {
  /** Null: all that may be done. */
  scope: readonly string[] | null;
  /** Identifiers by which its API is named (RFC 8707); each must mean the same one. None: what is usual. */
  resources: readonly string[];
  /** The same, or handles. */
  audiences: readonly string[];
  form: 'jwt' | 'sealed';
  /** The key that it is to be bound to, if to one; used up when the token is made. */
  key: Proven | null;
  /** At most an hour unless said otherwise. */
  lifetimeMs?: number;
  address: string;
  userAgent: string | undefined;
}

export interface GrantedToken {
  allowed: true;
  token: string;
  /** Milliseconds since the epoch, whole seconds. */
  issuedAt: number;
  expiresAt: number;
  scope: readonly string[];
  principal: Principal;
  /** The thumbprint of the key that it is bound to; null if whoever bears it may use it. */
  key: string | null;
}

/**
 * What was wrong: with the client, with what it is allowed at all, with what somebody gave it, with the token that something
 * was to be made from, with the scope, the API or the proof of a key; or how it stands with a device (RFC 8628 section 3.5):
 * nobody answered yet, it asked again too soon, nobody answered in time, or somebody did not allow it.
 */
export interface DeniedToken {
  allowed: false;
  reason: CredentialReason;
  fault:
    | ('client' | 'unauthorized' | 'grant' | 'subject' | 'scope' | 'api' | 'proof')
    | ('pending' | 'too_soon' | 'too_late' | 'denied');
  /** For people; it tells nothing of a client that did not prove itself. */
  message: string;
}

const usualLifetimeMs = 3_600_000;

/** For a client in its own name, or out of an outside token that one of its federated credentials trusts. */
export async function grantToClient(
  ports: GrantingPorts & Renewing,
  proof: ClientProof,
  wanted: WantedToken,
): Promise<GrantedToken | DeniedToken> {
  const record = await authenticateClient(ports, proof, wanted.address);
  const role = proof.kind === 'assertion' ? proof.as : 'client';
  if ('reason' in record) return failed(ports, record, role, wanted);
  const { expiresAt, lineage = [] } = record;
  const subject = { record, expiresAt, bounds: null, lineage, sessionId: null, client: null };
  return grant(ports, subject, { clientId: clientIdOf(record.source), actor: null }, wanted, role);
}

/**
 * Out of the token `text`, for who bears it, or for a client (of the same organization, or of the operator's), which then
 * acts in the name of whose it is.
 */
export async function exchangeToken(
  ports: GrantingPorts & Renewing,
  text: string,
  proof: ClientProof | null,
  wanted: WantedToken,
): Promise<GrantedToken | DeniedToken> {
  const client = proof === null ? null : await authenticateClient(ports, proof, wanted.address);
  if (client !== null && 'reason' in client) return failed(ports, client, 'client', wanted);
  if (client !== null && !mayComeFrom(client, wanted.address)) return refusedAddress(ports, client, 'client', wanted);
  const subject = await proveSubject(ports, text);
  if ('reason' in subject) return failed(ports, subject, 'subject', wanted);
  const { record } = subject;
  // What is made with the help of a federated credential ends with it too.
  const lineage = [...subject.lineage, ...(client?.lineage ?? [])];
  if (client !== null && !mayActFor(client, record)) {
    return denied('wrong_organization', 'subject', 'This token is of another organization than the client.');
  }
  if (lineage.length > mostParents) {
    return denied('unknown', 'subject', 'This token was exchanged too often. Use one that it was made from.');
  }
  return grant(ports, { ...subject, lineage }, holderOf(subject, client), wanted, 'subject');
}

async function grant(
  ports: GrantingPorts,
  subject: Subject,
  client: TokenClient,
  wanted: WantedToken,
  role: 'client' | 'subject',
): Promise<GrantedToken | DeniedToken> {
  const { record, lineage: parents, sessionId } = subject;
  const key = wanted.key?.thumbprint ?? null;
  const boundTo = subject.bounds?.key ?? null;
  if (boundTo !== null && boundTo !== key) return denied('wrong_key', 'proof', notByItsKey);
  if (!mayComeFrom(record, wanted.address)) return refusedAddress(ports, record, role, wanted);
  const principal = principalWithin(ports, subject);
  const api = apiWithin(ports, principal, wanted);
  if (api === null) return denied('wrong_api', 'api', 'This names no API that the token could be for.');
  const found = await scopeWithin(ports.store.permissions, wanted.scope, principal.permissions);
  if ('fault' in found) return denied('missing_permission', 'scope', found.fault);
  const used = wanted.key?.spend() ?? null;
  if (used !== null) return denied(used.reason, 'proof', used.message);
  const bounds: TokenBounds = { audience: ports.apis.identifierOf(api) ?? '', scope: found.scope, parents, key };
  const { token, record: issued } = issue(ports, record, {
    form: wanted.form === 'jwt' ? 'oauth' : 'sealed',
    lifetimeMs: lifetimeWithin(wanted.lifetimeMs ?? usualLifetimeMs, subject.expiresAt, ports.clock()),
    ...(sessionId !== null && { sessionId }),
    bound: { to: bounds, client },
    algorithm: ports.apis.algorithmOf(api),
  });
  const { issuedAt, expiresAt } = issued;
  tellUse(ports, record, wanted, 'allowed', expiresAt);
  return {
    allowed: true,
    token,
    issuedAt,
    expiresAt,
    scope: found.scope,
    principal: boundPrincipal(principal, bounds, api),
    key,
  };
}

const notByItsKey =
  'This token is bound to a key: only who proves to hold it (DPoP) exchanges it, for a token bound to it too.';

function principalWithin({ apis }: GrantingPorts, { record, bounds }: Subject): Principal {
  const principal = principalOf(record);
  return bounds === null ? principal : boundPrincipal(principal, bounds, apis.handleOf(bounds.audience));
}

/** The one API that is meant; null if it does not exist, is not one alone, or is not the principal's to call. */
function apiWithin(
  { apis }: GrantingPorts,
  { apis: bound }: Principal,
  { resources, audiences }: WantedToken,
): string | null {
  const usual = bound?.length === 1 ? (bound[0] ?? defaultApi) : defaultApi;
  const named = [...resources.map(apis.handleOf), ...audiences.map((one) => apis.handleOf(one) ?? one)];
  const [api = usual, ...others] = new Set(named);
  if (named.includes(undefined)) return null;
  const isOne = others.length === 0 && apis.has(api);
  return isOne && (bound === null || bound.includes(api)) ? api : null;
}

/** Whoever acts in another's name is named before those that did so until now. */
function holderOf({ record, client: before }: Subject, client: CredentialRecord | null): TokenClient {
  if (client === null || client.source.id === record.source.id) {
    return before ?? { clientId: clientIdOf(record.source), actor: null };
  }
  const { actor } = before ?? { actor: null };
  return {
    clientId: clientIdOf(client.source),
    actor: { sub: client.source.id, ...(actor !== null && { act: actor }) },
  };
}

function mayActFor({ organization }: CredentialRecord, subject: CredentialRecord): boolean {
  return organization.isOperator || organization.id === subject.organization.id;
}

function failed(
  ports: GrantingPorts,
  failure: FailedProof,
  fault: 'client' | 'subject',
  { address }: WantedToken,
): DeniedToken {
  ports.exchangeFailed(toldOf(failure, address));
  return denied(failure.reason, fault, notAccepted[fault]);
}

function refusedAddress(
  ports: GrantingPorts,
  record: Proved,
  fault: 'client' | 'subject',
  wanted: WantedToken,
): DeniedToken {
  tellUse(ports, record, wanted, 'address_not_allowed');
  return failed(ports, { reason: 'address_not_allowed', whose: whose(record) }, fault, wanted);
}

const notAccepted = {
  client: 'The client was not accepted.',
  subject: 'The token that was to be exchanged was not accepted.',
};

function denied(reason: CredentialReason, fault: DeniedToken['fault'], message: string): DeniedToken {
  return { allowed: false, reason, fault, message };
}
