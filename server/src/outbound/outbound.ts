// Fetches JSON documents from servers that others named (S126): https only, one connection each to an address that was looked at,
// no redirects, no cookies, no credentials, small and quick. Nothing of an answer that is no such document leaves this room.

import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import { parseStrictJson } from '@keyward/rules/strict-json';
import type { Outbound, OutboundAnswer } from '../core/outbound.ts';
import { type Destination, destinationOf } from './destination.ts';
import { allowedIn } from './public-address.ts';
import { createResolve, type Resolve } from './resolve.ts';
import { createSlots } from './slots.ts';

export interface OutboundOptions {
  /** Host names, addresses and ranges beyond the public Internet. */
  allowPrivate: readonly string[];
  /** Certificates in PEM that are trusted beside the usual ones. */
  ca: string | null;
  resolve?: Resolve;
  /** For all of it, from the name to the last byte. */
  timeoutMs?: number;
}

const usualBytes = 262_144;

export function createOutbound({ allowPrivate, ca, resolve, timeoutMs = 5000 }: OutboundOptions): Outbound {
  const allowed = allowedIn(allowPrivate);
  const destinations = { allowed, resolve: resolve ?? createResolve(allowed) };
  const trusted = ca === null ? {} : { ca: [...getCACertificates('default'), ca] };
  // A party is an organization: it takes many of them to leave no slot to others.
  const slots = createSlots({ inAll: 256, perParty: 4 });

  async function fetchWithin(url: string, mostBytes: number, signal: AbortSignal): Promise<OutboundAnswer> {
    const destination = await destinationOf(url, destinations, signal);
    return typeof destination === 'string' ? { failure: destination } : get(destination, trusted, mostBytes, signal);
  }

  return {
    async fetchJson(url, party, mostBytes = usualBytes) {
      if (!slots.take(party)) return { failure: 'too_many' };
      const deadline = new AbortController();
      const late = new Promise<OutboundAnswer>((tell) => {
        deadline.signal.addEventListener('abort', () => tell({ failure: 'too_slow' }));
      });
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      // What is still under way after its time is the party's all the same.
      const fetched = fetchWithin(url, mostBytes, deadline.signal).finally(() => {
        clearTimeout(timer);
        slots.free(party);
      });
      return Promise.race([late, fetched]);
    },
  };
}

/** The connection goes to the address of the destination; its certificate must be for the host. */
function get(
  { url, host, address }: Destination,
  trusted: { ca?: string[] },
  mostBytes: number,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  return new Promise((resolve) => {
    const headers = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'keyward' };
    const family = isIP(address);
    const call = request({
      host,
      port: url.port === '' ? 443 : Number(url.port),
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host },
      agent: false,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 && { servername: host }),
      lookup: (_host, { all }, done) => (all ? done(null, [{ address, family }]) : done(null, address, family)),
      signal,
      ...trusted,
    });
    const end = (answer: OutboundAnswer) => {
      resolve(answer);
      call.destroy();
    };
    call.on('error', () => end({ failure: 'unreachable' }));
    call.on('response', (answer) => void read(answer, mostBytes).then(end));
    call.end();
  });
}

async function read(answer: IncomingMessage, mostBytes: number): Promise<OutboundAnswer> {
  const { statusCode = 0, headers } = answer;
  if (statusCode >= 300 && statusCode < 400) return { failure: 'redirected' };
  if (statusCode !== 200) return { failure: 'refused' };
  if (!isJson(headers['content-type']) || (headers['content-encoding'] ?? 'identity') !== 'identity') {
    return { failure: 'not_json' };
  }
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of answer) {
      pieces.push(piece);
      length += piece.length;
      if (length > mostBytes) return { failure: 'too_large' };
    }
  } catch {
    return { failure: 'unreachable' };
  }
  const parsed = parseStrictJson(Buffer.concat(pieces));
  if (!parsed.ok) return { failure: 'not_json' };
  return { document: parsed.value, keepMs: keepMsOf(headers['cache-control']) };
}

/** RFC 9111 section 5.2.2; what must be asked for again each time is not kept at all. */
function keepMsOf(cacheControl: string | undefined): number | undefined {
  if (cacheControl === undefined) return undefined;
  if (/(?:^|[\s,])no-(?:store|cache)\b/i.test(cacheControl)) return 0;
  const [, seconds] = /(?:^|[\s,])max-age="?(\d{1,9})\b/i.exec(cacheControl) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** `application/json`, or what is written in it, as `application/jwk-set+json` (RFC 6839). */
function isJson(type: string | undefined): boolean {
  return /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i.test(type ?? '');
}
