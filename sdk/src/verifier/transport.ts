// What a verifier asks Keyward, each question once and within a time: a verdict, a lease, the keys, the feed. It retries
// nothing, since a call is waiting, and keeps nothing.

import { type Client, type ClientOptions, createClient } from '../client/client.ts';
import { connectionError } from '../client/connection-error.ts';
import { errorFrom, KeywardError } from '../errors.ts';
import type { VerifyRequest, VerifyResponse } from '../wire/checks.ts';
import type { SecretShape, SecretShapeList } from '../wire/imports.ts';
import type { LeaseRequest, LeaseResponse } from '../wire/leases.ts';
import type { RevokedAccessTokenList } from '../wire/revoked-access-tokens.ts';
import type { VerifierReport } from '../wire/verifier-reports.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import type { FeedPlace } from './feed.ts';
import type { ProvenRequirement } from './possession.ts';
import type { RevokedIds } from './revocations.ts';

export interface Transport {
  /** Rejects with KeywardError `unavailable` if there is no answer, or too many wait for one. */
  verdict(credential: string, requirement: ProvenRequirement): Promise<AskedVerdict>;
  lease(request: LeaseRequest): Promise<LeaseResponse>;
  /** The key set as of an entry of the journal, or later. */
  keys(cursor: number | null): Promise<unknown>;
  feed(verifier: string, place: FeedPlace, signal: AbortSignal): Promise<Response>;
  acknowledge(verifier: string, cursor: number): Promise<void>;
  revoked(): Promise<RevokedIds>;
  /** Rejects with KeywardError if it was not taken. */
  report(report: VerifierReport): Promise<void>;
  /** Of imported secrets. */
  shapes(): Promise<readonly SecretShape[]>;
  /** Rejects with KeywardError if verdicts cannot be asked for. */
  probe(): Promise<void>;
  /** How many verdicts were asked for. */
  readonly asked: number;
  close(): void;
}

/** With what a refusal is explained by. */
export type AskedVerdict = VerifyResponse & { refusal?: string };

/** Verdicts that are asked for at a time, and that wait for their turn. */
const mostAtOnce = 64;
const mostWaiting = 4096;

/**
 * `timeoutMs`: how long one answer may take; `newestCursor`: the last change that was heard of, before which no answer may
 * be, whichever node gives it. Throws as `createClient` does.
 */
export function createTransport(
  options: ClientOptions & { api?: string },
  timeoutMs: number,
  newestCursor: () => number | null,
): Transport {
  const client = createClient({ ...options, tries: 1 });
  const { fetch = globalThis.fetch } = options;
  const { origin } = new URL(options.url);
  const limited = createConcurrencyLimit(
    mostAtOnce,
    mostWaiting,
    () => new KeywardError('unavailable', 'Too many checks wait for Keyward.'),
  );
  let asked = 0;

  /** What fails on the way says nothing about a credential: it must not look like a refusal. */
  async function send(by: Pick<Client, 'fetch'>, path: string, init: RequestInit): Promise<Response> {
    try {
      return await by.fetch(origin + path, { ...init, redirect: 'error' });
    } catch (cause) {
      throw cause instanceof KeywardError ? cause : connectionError(origin, cause);
    }
  }

  async function read<T>(response: Response, what: string): Promise<T> {
    if (!response.ok) throw await errorFrom(response, what);
    try {
      return (await response.json()) as T;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw connectionError(origin, cause);
      throw new KeywardError('unexpected_answer', `The answer to a request to ${what} is no JSON.`, { cause });
    }
  }

  function post(path: string, body: unknown, signal = AbortSignal.timeout(timeoutMs)): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return send(client, path, { method: 'POST', headers, body: JSON.stringify(body), signal });
  }

  async function verify(request: VerifyRequest, signal?: AbortSignal): Promise<AskedVerdict> {
    const response = await post('/v1/verify', request, signal);
    const answer = await read<VerifyResponse>(response, 'verify a credential');
    const refusal = response.headers.get('keyward-refusal');
    if (typeof answer?.allowed === 'boolean' && (!answer.allowed || answer.principal !== undefined)) {
      return refusal === null ? answer : { ...answer, refusal };
    }
    throw new KeywardError('unexpected_answer', 'The answer to a verification is no verdict.');
  }

  const since = () => {
    const cursor = newestCursor();
    return cursor === null ? {} : { cursor };
  };

  return {
    get asked() {
      return asked;
    },
    verdict(credential, { permissions, match, cost, organization, plan, address, proven, api = options.api }) {
      // The time that it waits for its turn counts.
      const signal = AbortSignal.timeout(timeoutMs);
      return limited(() => {
        asked += 1;
        const request: VerifyRequest = {
          credential,
          ...(permissions !== undefined && { permissions: [...permissions] }),
          ...(match !== undefined && { match }),
          ...(cost !== undefined && { cost }),
          ...(api !== undefined && { api }),
          ...(organization !== undefined && { organization }),
          ...(plan !== undefined && { plan }),
          ...(address !== undefined && address.length <= 64 && { address }),
          ...(proven !== undefined && { dpop: { jkt: proven.thumbprint } }),
          ...since(),
        };
        return verify(request, signal);
      });
    },
    async probe() {
      await verify({ credential: '', cost: 0, ...(options.api !== undefined && { api: options.api }) });
    },
    async lease(request) {
      const response = await post('/v1/leases', { ...request, ...since() });
      const answer = await read<LeaseResponse>(response, 'lease parts of budgets');
      const { leases } = answer ?? {};
      const isWhole = Array.isArray(leases) && leases.length === request.leases.length;
      if (isWhole && leases.every((lease) => Number.isSafeInteger(lease?.granted))) return answer;
      throw new KeywardError('unexpected_answer', 'The answer to a request for a lease is none.');
    },
    async keys(cursor) {
      const signal = AbortSignal.timeout(timeoutMs);
      const query = cursor === null ? '' : `?cursor=${cursor}`;
      // Past caches in between: they may still hold a key that was revoked.
      const init = { headers: { 'cache-control': 'no-cache' }, signal };
      return read(await send({ fetch }, `/.well-known/jwks.json${query}`, init), 'show its keys');
    },
    async revoked() {
      const ids: string[] = [];
      let cursor = Number.POSITIVE_INFINITY;
      for (let after: string | null = ''; after !== null; ) {
        const query = after === '' ? '' : `?${new URLSearchParams({ after })}`;
        const signal = AbortSignal.timeout(timeoutMs);
        const response = await send(client, `/v1/revoked-access-tokens${query}`, { signal });
        // An older Keyward revokes none.
        if (response.status === 404) return { ids, cursor };
        const page = await read<RevokedAccessTokenList>(response, 'list revoked access tokens');
        for (const { id } of page.items) ids.push(id);
        ({ next: after, cursor } = page);
      }
      return { ids, cursor };
    },
    async shapes() {
      const response = await send(client, '/v1/secret-shapes', { signal: AbortSignal.timeout(timeoutMs) });
      // An older Keyward imports none.
      if (response.status === 404) return [];
      const { items } = await read<SecretShapeList>(response, 'list the shapes of secrets');
      if (Array.isArray(items)) return items;
      throw new KeywardError('unexpected_answer', 'The answer to a request for the shapes of secrets is none.');
    },
    feed(verifier, { cursor, epoch }, signal) {
      const query = new URLSearchParams({
        verifier,
        ...(cursor !== null && { cursor: String(cursor) }),
        ...(epoch !== null && { epoch }),
      });
      return send(client, `/v1/feed?${query}`, { headers: { accept: 'text/event-stream' }, signal });
    },
    async acknowledge(verifier, cursor) {
      const response = await post('/v1/feed/acknowledgements', { verifier, cursor });
      if (!response.ok) throw await errorFrom(response, 'take an acknowledgement');
    },
    async report(report) {
      const response = await post('/v1/verifier-reports', report);
      if (!response.ok) throw await errorFrom(response, 'take a report');
      await response.body?.cancel();
    },
    close: () => client.close(),
  };
}
