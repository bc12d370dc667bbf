// Who words an answer, and what the words may point to: every refusal and failure goes out in exactly one dialect. It decides
// whose words, never what.

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyContextConfig, FastifyReply } from 'fastify';
import { defaultApi } from '../core/caller/catalogue.ts';
import type { Core } from '../core/core.ts';
import type { KeywardError } from '../core/errors.ts';
import type { AnswerLinks } from '../dialects/answer-links.ts';
import { challenged } from '../dialects/challenge/dpop.ts';
import type { Answer, Dialect, DialectName, Place } from '../dialects/dialect.ts';
import { problemsPath } from '../dialects/native/problem-types.ts';
import type { CorsPolicy } from './cors.ts';
import { type AskedCall, showsApiToken } from './credential.ts';
import { rawPathOf } from './query.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whose words the answers of this route take. */
    dialect?: DialectName;
    /** Says it instead where that depends on the call that is asked about. */
    selectDialect?: SelectDialect;
    /** The handle of the API that its calls go to; the default one unless said otherwise. */
    api?: string;
    /** The permissions that its calls need, for whoever is told what to ask for. */
    scope?: readonly string[];
    /** A call that is checked and passed through: its query and body belong to the guarded API. */
    guarded?: true;
    /** A guarded route that leads to an upstream. */
    isUpstream?: true;
    /** Which pages of other origins may read its answers. */
    cors?: CorsPolicy;
    /** Answered over plain HTTP too: it takes no credential and tells nothing. */
    plain?: true;
  }
}

/** What of a request says whose words its answer takes. Fastify's request is one. */
export interface DialectContext extends Place {
  readonly routeOptions: { readonly url?: string | undefined; readonly config?: FastifyContextConfig };
  readonly url: string;
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** Null where the request is the call. */
  asked: AskedCall | null;
}

/** Finds the dialect of a request; undefined only while no dialect is on. */
export type SelectDialect = (request: DialectContext) => Dialect | undefined;

/**
 * The rule: the matched route's dialect; else that of a guarded path, whatever the method; where no path is guarded, the
 * longest prefix of a dialect; else `apiToken` means the dialect that brings it; else native. The patterns of guarded paths
 * match decoded paths.
 */
export function dialectSelector(
  dialects: readonly Dialect[],
  guarded: readonly { pattern: RegExp; dialect: DialectName | null }[],
): SelectDialect {
  const named = new Map(dialects.map((dialect) => [dialect.name, dialect]));
  const guards = guarded.map(({ pattern, dialect }) => ({
    pattern,
    dialect: dialect === null ? undefined : named.get(dialect),
  }));
  const prefixes = dialects
    .flatMap((dialect) => dialect.paths.map((path) => ({ path, dialect })))
    .sort((one, other) => other.path.length - one.path.length);
  const ofScheme = dialects.find((dialect) => dialect.apiTokenScheme);
  const fallback = named.get('native') ?? dialects[0];

  return (request) => {
    const { dialect: declared, selectDialect } = request.routeOptions.config ?? {};
    if (selectDialect !== undefined) return selectDialect(request);
    const isAsRouted = request.originalUrl === request.url;
    const ofRoute = declared !== undefined && isAsRouted ? named.get(declared) : undefined;
    if (ofRoute !== undefined) return ofRoute;
    const path = decodedPathOf(request);
    const guard = guards.find(({ pattern }) => pattern.test(path));
    const owner = guard ?? prefixes.find((prefix) => isUnder(prefix.path, path));
    return owner?.dialect ?? (showsApiToken(request) ? ofScheme : undefined) ?? fallback;
  };
}

/** The rule for a call that a proxy asks about: its route's dialect; else `apiToken` means the one that brings it; else native. */
export function proxiedDialectSelector(dialects: readonly Dialect[]): SelectDialect {
  const ofScheme = dialects.find((dialect) => dialect.apiTokenScheme);
  const fallback = dialects.find((dialect) => dialect.name === 'native') ?? dialects[0];
  return (request) => {
    const declared = dialects.find((dialect) => dialect.name === request.asked?.dialect);
    return declared ?? (showsApiToken(request) ? ofScheme : undefined) ?? fallback;
  };
}

/** Finds the links for a request's answer: the API is that of the call, or of the one that a proxy asks about. */
export type LinksOf = (request: Pick<DialectContext, 'asked' | 'routeOptions'>) => AnswerLinks;

/** `namesMetadata` is false where OAuth is off: then nobody serves any. Refusals that are the same each time stay one object. */
export function answerLinks(core: Pick<Core, 'resourceMetadataOf' | 'publicAddress'>, namesMetadata: boolean): LinksOf {
  const kept = new Map<string, AnswerLinks>();
  let problems = '';
  let server = '';
  return ({ asked, routeOptions }) => {
    const called = asked ?? routeOptions.config;
    const api = called?.api ?? defaultApi;
    const scope = namesMetadata ? called?.scope : undefined;
    const resourceMetadata = namesMetadata ? core.resourceMetadataOf(api) : undefined;
    const address = core.publicAddress();
    if (server !== address) {
      server = address;
      problems = `${server}${problemsPath}/`;
    }
    const name = `${api} ${scope?.join(' ') ?? ''}`;
    const known = kept.get(name);
    if (known?.problems === problems && known.resourceMetadata === resourceMetadata) return known;
    const made = Object.freeze({ resourceMetadata, scope, problems });
    kept.set(name, made);
    return made;
  };
}

/** What a dialect says to a failure. `unauthenticated` is worded as the refusal it is, so that 401 is worded once. */
export function wordsFor(dialect: Dialect, failure: KeywardError, at: Place): Answer {
  if (failure.code !== 'unauthenticated') return dialect.fail(failure, at);
  const { reason = 'missing', proofFault } = failure.detail;
  const refusal = { allowed: false, reason, ...(proofFault !== undefined && { proofFault }) } as const;
  return challenged(dialect.refuse(refusal, at), refusal);
}

/** Sends an answer as it is: an empty one, a text, or JSON. Never cached unless its own headers say so (S7). */
export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .headers(answer.headers ?? {});
  if (answer.body === undefined) return reply.send();
  if (!reply.hasHeader('content-type')) reply.header('content-type', mediaTypeOf(answer.body));
  return reply.send(Buffer.from(bodyText(answer.body)));
}

/** What a body is sent as, where its answer does not say. */
export function mediaTypeOf(body: unknown): string {
  return typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
}

const texts = new WeakMap<object, string>();

/** A body as it is sent; of one that is frozen the text is made once. */
export function bodyText(body: unknown): string {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null || !Object.isFrozen(body)) return JSON.stringify(body);
  const known = texts.get(body);
  if (known !== undefined) return known;
  const text = JSON.stringify(body);
  texts.set(body, text);
  return text;
}

/** True for a path at a prefix, or below it. */
export function isUnder(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

function decodedPathOf({ originalUrl }: DialectContext): string {
  const path = rawPathOf(originalUrl);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
