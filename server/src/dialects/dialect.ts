// The contract of a dialect: one wire language, HTTP on one side and core operations on the other.
// A dialect decides words, shapes and status codes; it never decides who gets in.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal } from '../core/caller.ts';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import type { CredentialForm, Refusal } from '../core/verify.ts';
import { credentialText, type Presented } from './presented.ts';

export type DialectName = 'native' | 'debricked' | 'parsers' | 'versio' | 'bluebricks' | 'rebelcore';

/** What is sent back. Without `body` the answer is empty; a string is sent as it is, anything else as JSON. */
export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
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
  /** Registers its endpoints, with full paths, in a Fastify scope of its own. */
  mount(scope: FastifyInstance, core: Core): void;
  /** A refused credential, in its words. */
  refuse(refusal: Refusal, request: FastifyRequest): Answer;
  /** A request that could not be answered, in its words. */
  fail(error: KeywardError, request: FastifyRequest): Answer;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The one credential of this request. Throws KeywardError `invalid_request` if there is more than one (S6). */
    presented(): Presented;
    /** The client's address, as far as proxies are trusted to say. */
    clientAddress: string;
  }
}

/** Whoever calls a management endpoint. Throws KeywardError `unauthenticated` with the reason. */
export async function identify(request: FastifyRequest, core: Core): Promise<Principal> {
  const verdict = await core.inspect(credentialText(request.presented()), { address: request.clientAddress });
  if (verdict.allowed) return verdict.principal;
  throw new KeywardError('unauthenticated', 'The credential was not accepted.', { reason: verdict.reason });
}
