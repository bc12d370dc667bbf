// Ends tokens that were found, by showing them to a server: what becomes of each is its organization's to say.

import type { LeakOutcome } from '@keyward/sdk/wire';
import { CommandError } from '../terminal/command-error.ts';
import type { Finding } from './found.ts';

/** What became of a token: the server's word. */
export type Ended = Pick<LeakOutcome['items'][number], 'result' | 'endsAt'>;

/** Sends a report and resolves with the server's answer. */
export type SendReport = (body: { tokens: string[]; url: string; source: string }) => Promise<LeakOutcome>;

const atOnce = 100;

/** By the id of the token. Each is reported with where it was found first. */
export async function revoke(send: SendReport, findings: readonly Finding[]): Promise<ReadonlyMap<string, Ended>> {
  const byPath = new Map<string, Map<string, Finding>>();
  const seen = new Set<string>();
  for (const one of findings) {
    if (seen.has(one.secret)) continue;
    seen.add(one.secret);
    const there = byPath.get(one.path) ?? new Map<string, Finding>();
    byPath.set(one.path, there.set(one.secret, one));
  }
  const ended = new Map<string, Ended>();
  for (const [path, there] of byPath) {
    const all = [...there.values()];
    for (let at = 0; at < all.length; at += atOnce) {
      const some = all.slice(at, at + atOnce);
      const { items } = await send({
        tokens: some.map(({ secret }) => secret),
        url: path.slice(0, 2048),
        source: 'keyward scan',
      });
      some.forEach(({ id }, index) => {
        const item = items[index];
        const before = ended.get(id);
        // Of one that was found with two secrets the one that ended tells more.
        if (item !== undefined && (before === undefined || before.result === 'not_in_force')) ended.set(id, item);
      });
    }
  }
  return ended;
}

/** Reports without a sign-in: whoever has a token may end it. */
export function reportTo(url: string): SendReport {
  return async (body) => {
    const response = await fetch(new URL('/v1/leaks', url), {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch((error) => {
      throw new CommandError(`${url} cannot be reached.`, 'Is that the address of a Keyward server?', 1, error);
    });
    if (response.ok) return (await response.json()) as LeakOutcome;
    const { detail = '' } = (await response.json().catch(() => ({}))) as { detail?: string };
    throw new CommandError(`${url} answered ${response.status}. ${detail}`.trim());
  };
}
