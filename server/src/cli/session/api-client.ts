// The calls to a server's native API that a session needs, and how a server is called at all. It follows no redirect: a
// password or token goes to the address that was named, and nowhere else.

import about from '../../../package.json' with { type: 'json' };
import { CommandError } from '../terminal/command-error.ts';
import { plain } from '../terminal/terminal.ts';

export interface SignedIn {
  token: string;
  /** RFC 3339. */
  expiresAt: string;
  user: { id: string; email: string; name: string };
}

/** What `GET /v1/self` answers. */
export interface Self {
  id: string;
  type: string;
  name: string;
  /** Its name. */
  organization: { id: string; name: string; externalId: string | null };
  permissions: readonly string[];
  /** RFC 3339, or null if it does not end by itself. */
  expiresAt: string | null;
}

/**
 * Exchanges e-mail and password for an access token; `code_needed` where the code of a second factor is lacking. Throws
 * CommandError in plain words.
 */
export async function signIn(
  url: string,
  credentials: { email: string; password: string; code?: string },
): Promise<SignedIn | 'code_needed'> {
  const body = JSON.stringify(credentials);
  const headers = { 'content-type': 'application/json' };
  const answer = await call<SignedIn & { accessToken: string; type?: string }>(url, '/v1/login', {
    method: 'POST',
    headers,
    body,
  });
  const isCodeNeeded = answer.status === 401 && answer.body?.type?.endsWith('/second_factor_required');
  if (isCodeNeeded && credentials.code === undefined) return 'code_needed';
  if (isCodeNeeded) throw new CommandError('The code is wrong or was used before.', 'Wait for the next one.');
  if (answer.status === 401) throw new CommandError('The e-mail address or the password is wrong.');
  const { accessToken: token, expiresAt, user } = answer.body;
  return { token, expiresAt, user };
}

/** Who holds this token. Throws CommandError in plain words. */
export async function fetchSelf(url: string, token: string): Promise<Self> {
  const answer = await call<Self>(url, '/v1/self', { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 401) throw new CommandError('The session has ended.', 'Sign in again: keyward login');
  return answer.body;
}

/**
 * Ends the session of this token, and with it the token, wherever there is a copy of it; says if it had ended already, or is of
 * no session, as an API token. Throws CommandError in plain words.
 */
export async function endSession(url: string, token: string): Promise<'ended' | 'had ended' | 'no session'> {
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await call(url, '/v1/session', { method: 'DELETE', headers }, [403]);
  return status === 401 ? 'had ended' : status === 403 ? 'no session' : 'ended';
}

/** What a list of one's sessions shows. */
const userAgent = `keyward/${about.version}`;

// Resolves for 200, 204, 401 and what else is told; anything else is thrown, in the server's own words where it has some.
async function call<T>(
  url: string,
  path: string,
  init: RequestInit,
  told: readonly number[] = [],
): Promise<{ status: number; body: T }> {
  const response = await reach(url, path, init);
  const text = await response.text();
  const body = parse(text);
  if (response.status === 200 && body !== null) return { status: 200, body: body as T };
  if ([204, 401, ...told].includes(response.status)) return { status: response.status, body: body as T };
  const detail = body?.detail ?? body?.title;
  const reason = typeof detail === 'string' ? plain(detail) : 'Is that the address of a Keyward server?';
  throw new CommandError(`${url} answered ${response.status}. ${reason}`);
}

/** One request, whatever is answered. Throws CommandError in plain words where there is no answer. */
export async function reach(url: string, path: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { ...init.headers, 'user-agent': userAgent };
    return await fetch(url + path, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const hint = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
      ? 'Its certificate is not trusted here; NODE_EXTRA_CA_CERTS can name the authority that issued it.'
      : 'Is it running, and is the address right?';
    throw new CommandError(`${url} cannot be reached${code === '' ? '' : ` (${code})`}.`, hint, 1, error);
  }
}

/** A JSON object; null for any other text. */
export function parse(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
