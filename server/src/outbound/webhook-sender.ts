// Sends the messages of webhooks to whoever shall hear (S126): a POST on a connection of its own to an address that was looked at, no
// redirects, no cookies, within fifteen seconds. Of the answer a kilobyte is read, and none of it told from a private address. What it means is decided in core.

import type { IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import process from 'node:process';
import { getCACertificates } from 'node:tls';
import type { Message, Sent, WebhookSender } from '../core/feed/webhooks/ports.ts';
import type { SendingFailure } from '../core/feed/webhooks/records.ts';
import { type Destination, destinationOf } from './destination.ts';
import { allowedIn, mayConnect } from './public-address.ts';
import { createResolve, type Resolve } from './resolve.ts';

// A static import would load undici too.
const { request: plainRequest } = process.getBuiltinModule('node:http');

export interface WebhookSenderOptions {
  /** Host names, addresses and ranges beyond the public Internet. */
  allowPrivate: readonly string[];
  /** Certificates in PEM that are trusted beside the usual ones. */
  ca: string | null;
  /** Whether receivers on this machine may be called without TLS: for a demo. */
  allowPlainLoopback: boolean;
  resolve?: Resolve;
  /** For all of it, from the name to the last byte that is read. */
  timeoutMs?: number;
}

const keptBytes = 1024;
const longestRetryAfterMs = 86_400_000;

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { allowPrivate, ca, allowPlainLoopback, timeoutMs = 15_000 } = options;
  const allowed = allowedIn(allowPrivate);
  const destinations = { allowed, resolve: options.resolve ?? createResolve(allowed) };
  const trusted = ca === null ? {} : { ca: [...getCACertificates('default'), ca] };

  const destination = async (text: string, until: AbortSignal): Promise<Destination | SendingFailure> => {
    const plain = allowPlainLoopback ? loopbackOf(text) : null;
    if (plain !== null) return plain;
    const found = await destinationOf(text, destinations, until);
    // Only these three are said of an address.
    return typeof found === 'string' ? (found as SendingFailure) : found;
  };

  return {
    refuses(text) {
      if (allowPlainLoopback && loopbackOf(text) !== null) return null;
      const url = URL.parse(text);
      if (url?.protocol !== 'https:') return 'not_https';
      const host = hostOf(url);
      return isIP(host) === 0 || mayConnect(allowed, host, host) ? null : 'address_not_allowed';
    },
    async send(message, until) {
      const began = performance.now();
      const done = (sent: Omit<Sent, 'durationMs'>): Sent => ({
        ...sent,
        durationMs: Math.round(performance.now() - began),
      });
      const late = AbortSignal.timeout(timeoutMs);
      const ends = AbortSignal.any([until, late]);
      const whole = (async () => {
        const place = await destination(message.url, ends);
        if (typeof place === 'string') return failed(place);
        const sent = await post(place, message, trusted, ends);
        return isTold(place) ? sent : { ...sent, body: '' };
      })();
      const broken = new Promise<Omit<Sent, 'durationMs'>>((tell) => {
        ends.addEventListener('abort', () => tell(failed(late.aborted ? 'too_slow' : 'unreachable')), { once: true });
      });
      const sent = await Promise.race([broken, whole.catch(() => failed('unreachable'))]);
      return done(sent);
    },
  };
}

function failed(failure: SendingFailure): Omit<Sent, 'durationMs'> {
  return { status: null, failure, body: '' };
}

const nothing = allowedIn([]);

/** Whoever may name an address must not read by it what only the operator's network answers. */
function isTold({ url, host, address }: Destination): boolean {
  return url.protocol === 'http:' || mayConnect(nothing, host, address);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** An address of this machine, with TLS or without. */
function loopbackOf(text: string): Destination | null {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:') return null;
  const host = hostOf(url);
  const address = host === 'localhost' ? '127.0.0.1' : host;
  return address === '127.0.0.1' || address === '::1' ? { url, host, address } : null;
}

/** The connection goes to the address of the destination; its certificate must be for the host. */
function post(
  { url, host, address }: Destination,
  { headers, body }: Message,
  trusted: { ca?: string[] },
  signal: AbortSignal,
): Promise<Omit<Sent, 'durationMs'>> {
  return new Promise((resolve) => {
    const family = isIP(address);
    const isPlain = url.protocol === 'http:';
    const call = (isPlain ? plainRequest : tlsRequest)({
      method: 'POST',
      host,
      port: url.port === '' ? (isPlain ? 80 : 443) : Number(url.port),
      path: url.pathname + url.search,
      headers: {
        ...headers,
        host: url.host,
        'content-length': Buffer.byteLength(body),
        'accept-encoding': 'identity',
        'user-agent': 'keyward',
      },
      agent: false,
      lookup: (_host, { all }, done) => (all ? done(null, [{ address, family }]) : done(null, address, family)),
      signal,
      ...(!isPlain && { minVersion: 'TLSv1.2' as const, ...trusted, ...(isIP(host) === 0 && { servername: host }) }),
    });
    const end = (sent: Omit<Sent, 'durationMs'>) => {
      resolve(sent);
      call.destroy();
    };
    call.on('error', () => end(failed('unreachable')));
    call.on('response', (answer) => void read(answer).then(end));
    call.end(body);
  });
}

async function read(answer: IncomingMessage): Promise<Omit<Sent, 'durationMs'>> {
  const { statusCode = 0, headers } = answer;
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of answer) {
      pieces.push(piece);
      length += piece.length;
      if (length >= keptBytes) break;
    }
  } catch {
    // The status has been said; of what was to come after it nothing is needed.
  }
  const retryAfterMs = statusCode === 429 || statusCode === 503 ? retryAfterOf(headers['retry-after']) : undefined;
  return {
    status: statusCode,
    failure: statusCode >= 300 && statusCode < 400 ? 'redirected' : null,
    body: textOf(Buffer.concat(pieces).subarray(0, keptBytes)),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** What no database, no page and no terminal stumbles over. */
function textOf(bytes: Buffer): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return bytes.toString('utf8').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, longestRetryAfterMs) : undefined;
}
