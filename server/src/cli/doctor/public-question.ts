// One question to an address, without a credential. Whatever certificate is shown there, it is asked: what is wrong with that one is
// told by itself, and nothing secret is sent.

import { request as askOverTls } from 'node:https';
import process from 'node:process';
import { codeOf } from '../../startup/startup-error.ts';

// A static import would load undici at every start.
const { request: askPlainly } = process.getBuiltinModule('node:http');

export interface PublicAnswer {
  status: number;
  /** Its own time, epoch milliseconds; null where it tells none. */
  date: number | null;
  /** The JSON of it; null where it is none. */
  body: unknown;
}

const timeoutMs = 5_000;
/** An answer of Keyward's has some dozen bytes. */
const mostBytes = 10_000;

/** The answer, or why there is none, as the end of a sentence. */
export function askPublicly(url: string): Promise<PublicAnswer | string> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { signal, agent: false, headers: { connection: 'close' } } as const;
    const asked = url.startsWith('https:')
      ? askOverTls(url, { ...options, rejectUnauthorized: false })
      : askPlainly(url, options);
    asked.once('error', (error) => resolve(failureInWords(error)));
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > mostBytes) response.destroy();
      });
      response.once('error', () => {});
      response.once('close', () => {
        const date = Date.parse(response.headers.date ?? '');
        resolve({ status: response.statusCode ?? 0, date: Number.isNaN(date) ? null : date, body: jsonIn(text) });
      });
    });
    asked.end();
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a connection failed of. */
export function failureInWords(error: unknown): string {
  const known = reasons.find(([pattern]) => pattern.test(codeOf(error)));
  if (known !== undefined) return known[1];
  return error instanceof Error ? error.message || error.name : String(error);
}

/** What is said of a port where something else than TLS is spoken. */
export const noTls = 'it does not speak TLS, or none that this machine takes';

const reasons: readonly (readonly [code: RegExp, words: string])[] = [
  [/^ECONNREFUSED$/, 'nobody listens there'],
  [/^ENOTFOUND$/, 'there is no host of that name'],
  [/^EAI_/, 'the name cannot be looked up right now'],
  [/^(?:ETIMEDOUT|ABORT_ERR|UND_ERR_CONNECT_TIMEOUT)$/, 'there was no answer in time'],
  [/^E(?:HOST|NET)(?:UNREACH|DOWN)$/, 'no network leads there'],
  [/^(?:ECONNRESET|EPIPE)$/, 'it hung up'],
  [/^(?:EPROTO|ERR_SSL_)/, noTls],
  [/^HPE_/, 'it does not speak HTTP'],
];
