// A body on its way to an upstream, piece by piece: counted, and waited for no longer than the route says between two
// pieces. It is read only after the verdict, and what is left unread when the answer is out is thrown away.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { KeywardError } from '../../core/errors.ts';
import type { PassLimits } from './pass-limits.ts';

/** A client that did not go on with its body in time. */
export class StalledUpload extends Error {
  override readonly name = 'StalledUpload';
}

/** True for a request that has a body, be it empty. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * The pieces of a body. Throws KeywardError `too_large` beyond the limit, at once where the length is announced, and
 * StalledUpload. Whoever stops reading leaves the connection alone: an answer may still be due on it.
 */
export function piecesOf(request: IncomingMessage, { bodyBytes, uploadMs }: PassLimits): AsyncIterable<Buffer> {
  if (Number(request.headers['content-length']) > bodyBytes) throw tooLarge(bodyBytes);
  return pieces(request, bodyBytes, uploadMs);
}

/**
 * Reads and drops what is left of a body once its answer is out, for a while: closing at once would take the answer away
 * from a client that is still sending (RFC 9112 section 9.6).
 */
export function dropRest(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete) return;
    const { socket } = request;
    // Whoever waits for more in vain (an upstream that has answered early) keeps it from flowing.
    request.removeAllListeners('readable');
    request.resume();
    setTimeout(() => request.complete || socket.destroy(), lingerMs).unref();
  });
}

const lingerMs = 5_000;

async function* pieces(request: IncomingMessage, bodyBytes: number, uploadMs: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  // Ending the iteration must not end the connection.
  const all = request.iterator({ destroyOnReturn: false });
  try {
    while (true) {
      const { value, done } = await withinTime(all.next(), uploadMs);
      if (done === true) return;
      bytes += value.length;
      if (bytes > bodyBytes) throw tooLarge(bodyBytes);
      yield value;
    }
  } finally {
    // Not awaited: it waits for what the client may never send.
    all.return?.(undefined).catch(() => undefined);
  }
}

function withinTime<T>(next: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new StalledUpload(`Nothing came for ${ms} ms.`)), ms);
    next.then(resolve, reject).finally(() => clearTimeout(limit));
  });
}

function tooLarge(bytes: number): KeywardError {
  return new KeywardError('too_large', `The body is larger than the ${sizeText(bytes)} that this path takes.`);
}

function sizeText(bytes: number): string {
  const [unit, name] = bytes >= 1024 ** 3 ? [1024 ** 3, 'GB'] : bytes >= 1024 ** 2 ? [1024 ** 2, 'MB'] : [1024, 'kB'];
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round((bytes / unit) * 10) / 10} ${name}`;
}
