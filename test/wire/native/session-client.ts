// A browser's side of a session, as far as the tests need one: a cookie jar for one cookie, and what a page sends with
// it. For tests only.

import type { TestServer } from '../../server.ts';
import { type Answered, call } from './calls.ts';

export interface Page {
  /** The cookie's value, or undefined once it is cleared. */
  cookie(): string | undefined;
  /** A call as a page of this server makes it. */
  ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answered<T>>;
  /** Says the password again, on a page on which somebody has signed in. */
  confirm?(): Promise<void>;
}

export const cookieName = '__Host-keyward';

/** Opens a page that has no session yet. */
export function openSessionClient(server: Pick<TestServer, 'url'>): Page {
  let cookie: string | undefined;
  return {
    cookie: () => cookie,
    async ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const answer = await call<T>(server, method, path, undefined, body, {
        ...(cookie === undefined ? {} : { cookie: `${cookieName}=${cookie}` }),
        'x-keyward-portal': '1',
        origin: server.url,
        'sec-fetch-site': 'same-origin',
        ...headers,
      });
      const set = answer.headers.getSetCookie().find((one) => one.startsWith(`${cookieName}=`));
      if (set !== undefined) {
        const value = set.slice(cookieName.length + 1, set.indexOf(';'));
        cookie = value === '' || /max-age=0/i.test(set) ? undefined : value;
      }
      return answer;
    },
  };
}

/** A page on which this person has signed in. */
export async function signedIn(
  server: Pick<TestServer, 'url'>,
  person: { email: string; password: string },
): Promise<Page> {
  const page = openSessionClient(server);
  const { email, password } = person;
  const answer = await page.ask('POST', '/v1/session', { email, password });
  if (answer.status !== 200) throw new Error(`Signing in answered ${answer.status}: ${answer.text}`);
  const confirm = async () => {
    const confirmed = await page.ask('POST', '/v1/session/confirmation', { password });
    if (confirmed.status !== 200) throw new Error(`Confirming answered ${confirmed.status}: ${confirmed.text}`);
  };
  return { ...page, confirm };
}
