// Calls with a credential: the client gets an access token, puts it on every call, replaces it in time, and
// waits as long as the server asks. It acts on no status but 401, 429 and 503, and repeats no call that may have been done.

import { errorFrom, KeywardError } from '../errors.ts';
import { takesIdempotencyKey } from '../wire/idempotency.ts';
import { connectionError } from './connection-error.ts';
import { authMethodOf, type Credential, type Exchange } from './exchange.ts';
import { isIdempotent, withRetries } from './retry.ts';
import { createTokenSource } from './token-source.ts';
import { unlessAborted } from './waiting.ts';

export type { Credential, Exchange } from './exchange.ts';

export interface ClientOptions {
  /** Where Keyward is, such as `https://auth.example.com`. HTTPS, or a loopback address. */
  url: string;
  credential: Credential;
  /** `native` unless said otherwise. */
  exchange?: Exchange;
  /** Further origins that calls may go to, such as `https://api.example.com`. Those not named never see a token. */
  origins?: readonly string[];
  /** How often a call is tried in all while the server answers 429 or 503 with `Retry-After`; 3 unless said otherwise. */
  tries?: number;
  /** A longer `Retry-After` is not waited for; 30,000 unless said otherwise. */
  longestWaitMs?: number;
  /** An exchange that takes longer has failed: a server that hangs must not hang every call. 10,000 unless said otherwise. */
  exchangeTimeoutMs?: number;
  /** Instead of the global one. */
  fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. */
  clock?: () => number;
}

export interface Client {
  /**
   * As the global `fetch`, with `Authorization` set. A relative `input` is resolved against `url`. A call is repeated once
   * with a fresh token after 401, and after the wait that a 429 asks for; after the wait that a 503 asks for only what is
   * idempotent, by its method or an `Idempotency-Key`, which calls that make something in Keyward get by themselves; never one whose body can be read only once. Rejects with KeywardError if no token can be had, if `input` leads to another origin, and when closed.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** What calls carry at present, without the scheme. */
  token(): Promise<string>;
  /** Ends the calls that wait for an answer; later ones are refused. */
  close(): void;
}

/** Throws a TypeError for a URL that is no HTTPS (or loopback) one, or a credential that does not fit the exchange. */
export function createClient(options: ClientOptions): Client {
  const { fetch = globalThis.fetch, clock = Date.now } = options;
  const { tries = 3, longestWaitMs = 30_000, exchangeTimeoutMs = 10_000 } = options;
  const base = safeUrl(options.url);
  const origins = new Set([base, ...(options.origins ?? []).map(safeUrl)].map(({ origin }) => origin));
  const retries = { tries, longestWaitMs, clock };
  const auth = authMethodOf(options.exchange ?? 'native', options.credential);
  const underWay = new Set<AbortController>();
  let isClosed = false;

  const source = auth.kind === 'direct' ? null : createTokenSource(auth, () => whileOpen(exchange), clock);

  async function exchange(signal: AbortSignal): Promise<Record<string, unknown>> {
    if (auth.kind === 'direct') return {};
    const { path, headers, body } = auth;
    const send = () => {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(exchangeTimeoutMs)]);
      const init = { method: 'POST', headers, body, signal: inTime, redirect: 'error' } as const;
      return fetch(new URL(path, base.origin).href, init);
    };
    // A token that was made for nobody harms nobody: an exchange may be made again.
    const again = { canResend: true, isIdempotent: true };
    const response = await reached(() => withRetries(send, again, retries, signal), signal);
    if (!response.ok) throw await errorFrom(response, 'exchange the credential');
    return reached(async () => (await response.json()) as Record<string, unknown>, signal);
  }

  async function reached<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw connectionError(base.origin, cause);
    }
  }

  /** Runs `act` with a signal that `close` and `given` abort. */
  async function whileOpen<T>(act: (signal: AbortSignal) => Promise<T>, given?: AbortSignal | null): Promise<T> {
    if (isClosed) throw closedError();
    const controller = new AbortController();
    underWay.add(controller);
    try {
      return await act(given ? AbortSignal.any([given, controller.signal]) : controller.signal);
    } finally {
      underWay.delete(controller);
    }
  }

  const token = async () => (auth.kind === 'direct' ? auth.token : ((await source?.current()) ?? ''));

  async function call(input: string | URL | Request, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const request = input instanceof Request ? input : null;
    const url = new URL(input instanceof Request ? input.url : input, base);
    if (!origins.has(url.origin)) throw foreignOrigin(url.origin);
    const given = new Headers(init.headers ?? request?.headers);
    const canResend = !isStream(init.body) && (request === null || init.body != null || request.body === null);
    const method = init.method ?? request?.method ?? 'GET';
    if (url.origin === base.origin && makesOneThing(method, url.pathname) && !given.has('idempotency-key')) {
      given.set('idempotency-key', crypto.randomUUID());
    }
    const again = { canResend, isIdempotent: isIdempotent(method, given) };
    let used = '';
    const send = async () => {
      used = await unlessAborted(token(), signal);
      const headers = new Headers(given);
      headers.set('authorization', auth.kind === 'direct' ? auth.authorization : `Bearer ${used}`);
      return fetch(request ?? url.href, { ...init, headers, signal });
    };
    const response = await withRetries(send, again, retries, signal);
    // A 401 says that the call was not applied (RFC 9110 section 15.5.2), whatever it would have done.
    if (response.status !== 401 || source === null || !source.reject(used) || !canResend) return response;
    await response.body?.cancel();
    const second = await withRetries(send, again, retries, signal);
    if (second.status === 401) source.spare();
    return second;
  }

  return {
    fetch: (input, init = {}) =>
      whileOpen(
        (signal) => call(input, init, signal),
        init.signal ?? (input instanceof Request ? input.signal : undefined),
      ),
    async token() {
      if (isClosed) throw closedError();
      return token();
    },
    close() {
      isClosed = true;
      for (const controller of underWay) controller.abort(closedError());
    },
  };
}

/** Where Keyward makes one thing for each key, a call gets a key of its own, and can be repeated. */
function makesOneThing(method: string, path: string): boolean {
  return method.toUpperCase() === 'POST' && takesIdempotencyKey(path);
}

/** Throws a TypeError unless what is sent there is encrypted or never leaves the machine. */
function safeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:') return url;
  if (url?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) return url;
  throw new TypeError(`${text} is no https:// address: a credential is sent in clear to a loopback address only.`);
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);
}

function foreignOrigin(origin: string): KeywardError {
  return new KeywardError('foreign_origin', `${origin} is neither the client's own origin nor one of its \`origins\`.`);
}

function closedError(): KeywardError {
  return new KeywardError('closed', 'It has been closed.');
}
