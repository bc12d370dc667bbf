// The contract of a dialect: one wire language, HTTP on one side and core operations on the other.
// A dialect decides words, shapes and status codes; it never decides who gets in.

import type { IncomingHttpHeaders } from 'node:http';
import type { ShownProof } from '@keyward/rules/dpop/proofs';
import type { FastifyInstance } from 'fastify';
import { type Awaitable, whenHere } from '../core/awaitable.ts';
import type { Principal } from '../core/caller/records.ts';
import type { Refusal } from '../core/caller/refusal.ts';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import type { CredentialForm } from '../core/settings.ts';
import type { AnswerLinks } from './answer-links.ts';
import { credentialText, type Presented } from './credential-location.ts';
import type { Reference } from './operation.ts';

/** Every language, by the name that settings, routes, metrics and pages call it by. */
export const dialectNames = ['native', 'oauth2', 'debricked', 'parsers', 'versio', 'bluebricks', 'rebelcore'] as const;

export type DialectName = (typeof dialectNames)[number];

/** What is sent back. Without `body` the answer is empty; a string is sent as it is, anything else as JSON. */
export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** Of an answer on the fast path alone: header lines as they are sent, each with its end. */
  lines?: string;
  body?: unknown;
}

export interface Dialect {
  readonly name: DialectName;
  /** Path prefixes whose errors it words, each ending where a segment ends. */
  readonly paths: readonly string[];
  /** The credential forms that are evaluated, on any route, while this dialect is on. */
  readonly accepts: readonly CredentialForm[];
  /** True for the dialect that brings the `apiToken` scheme and query parameter. */
  readonly apiTokenScheme?: true;
  /** The request bodies that its endpoints read; others are `unsupported_media_type`. */
  readonly bodies: readonly ('json' | 'form')[];
  /** What the description of the API says of it. */
  readonly reference: Reference;
  /** Registers its endpoints, with full paths, in a Fastify scope of its own. */
  mount(scope: FastifyInstance, core: Core): void;
  /** A refused credential, in its words. */
  refuse(refusal: Refusal, at: Place): Answer;
  /** A request that could not be answered, in its words. */
  fail(error: KeywardError, at: Place): Answer;
}

/** All that words may depend on: the method, the route as it is registered, if there is one, and addresses. Fastify's request is one. */
export interface Place {
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
  /** What the answer may point to, always the same object for the same addresses. */
  links?(): AnswerLinks;
}

/** A request as it is seen by what answers it on the fast path and behind the router alike. Fastify's is one. */
export interface RequestView extends Place {
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** By names; on the fast path it holds no credential. */
  readonly query: unknown;
  readonly clientAddress: string;
  /** What the refusal of this call, or of the one that is asked about, can be found by; its answer says so in a header. */
  refusalId: string | null;
  presented(): Presented;
  proof(identifier?: string): ShownProof | undefined;
}

/**
 * The short way to a route, for what is asked all the time: it is tried ahead of the router, with requests to the route's
 * exact path that no request rule could object to and that have no body yet. It answers as the route would, with the same words
 * and the same errors, or says null: then the router does. A function in place of an answer waits for the body.
 */
export type FastAnswer = (asked: RequestView) => Awaitable<Answer | AfterBody> | null;

/** Throws what the route would. `validation` of an error is Fastify's. */
export type AfterBody = (body: unknown) => Awaitable<Answer>;

declare module 'fastify' {
  interface FastifyContextConfig {
    fastAnswer?: FastAnswer;
    /** The only kind of body that it is asked with; JSON unless said otherwise. */
    fastBodies?: 'form';
    /** Query parameters that may be repeated, as `visibleColumns[]`; their values come joined by commas. */
    listParameters?: readonly string[];
    /** It answers for all organizations at once where `*` is asked for. */
    takesAllOrganizations?: true;
    /** A trusted proxy may ask here about a call, which it tells of in X-Forwarded-* or X-Original-*. */
    tellsOfCall?: true;
    /** It reads `bodyBytes`: somebody signed them. */
    keepsBytes?: true;
  }
  interface FastifyRequest {
    /** The one credential of this request. Throws KeywardError `invalid_request` if there is more than one (S6). */
    presented(): Presented;
    links(): AnswerLinks;
    /**
     * The proof that comes with a credential in the DPoP scheme; undefined with any other. `identifier`: that of the API
     * which is called, whose address the call may have been made to.
     */
    proof(identifier?: string): ShownProof | undefined;
    /** The client's address, as far as proxies are trusted to say. */
    clientAddress: string;
    refusalId: string | null;
    /** It came over HTTPS, here or at a trusted proxy. */
    isSecure: boolean;
    /** What sent it is a proxy that is believed, whomever it speaks for. */
    isFromTrustedProxy(): boolean;
    /** The JSON body as it came, where the route keeps it. */
    bodyBytes: Buffer | null;
  }
}

/** Whoever calls a management endpoint. Fails with KeywardError `unauthenticated` and the reason. */
export function identify(
  request: Pick<
    RequestView,
    'presented' | 'proof' | 'clientAddress' | 'headers' | 'method' | 'routeOptions' | 'refusalId'
  >,
  core: Pick<Core, 'recognise'>,
): Awaitable<Principal> {
  const { clientAddress: address, headers, method, routeOptions } = request;
  const userAgent = headers['user-agent'];
  const presented = request.presented();
  const call = {
    address,
    method,
    rule: routeOptions.url ?? '',
    ...(userAgent !== undefined && { userAgent }),
    ...(presented.scheme === 'dpop' && { possession: request.proof() }),
  };
  return whenHere(core.recognise(credentialText(presented), call), (verdict) => {
    if (verdict.allowed) return verdict.principal;
    const { reason, proofFault, refusalId = null } = verdict;
    request.refusalId = refusalId;
    const detail = { reason, ...(proofFault !== undefined && { proofFault }) };
    throw new KeywardError('unauthenticated', 'The credential was not accepted.', detail);
  });
}
