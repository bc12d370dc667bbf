// The ways of turning a credential into what a call carries, one for each language that Keyward speaks. It sends
// nothing and keeps nothing; client.ts does.

/** A long-lived secret: an API token, or the user name and password of a user or an API user. */
export type Credential = { apiToken: string } | { username: string; password: string };

/**
 * How a credential becomes the `Authorization` of a call. `native`, `debricked`, `parsers` and `rebelcore` exchange it for
 * an access token; `none` sends the API token itself as a bearer (as Bluebricks does), `versio` in the `apiToken` scheme.
 */
export type Exchange = 'native' | 'debricked' | 'parsers' | 'rebelcore' | 'none' | 'versio';

/** The credential is what a call carries. */
export interface StaticCredential {
  kind: 'direct';
  authorization: string;
  token: string;
}

/** An access token must be asked for first. */
export interface TokenExchange {
  kind: 'exchanged';
  path: string;
  headers: Record<string, string>;
  body: string | null;
  /** The access token in the answer, and when it ends (milliseconds since the epoch), if the answer says so. */
  read(answer: Record<string, unknown>): { token: unknown; expiresAt: number | null };
}

export type AuthMethod = StaticCredential | TokenExchange;

/** Throws a TypeError where the two do not go together. */
export function authMethodOf(exchange: Exchange, credential: Credential): AuthMethod {
  return ways[exchange](credential);
}

const ways: Record<Exchange, (credential: Credential) => AuthMethod> = {
  native: (credential) => ({
    ...json('/v1/access-tokens', 'apiToken' in credential ? { apiToken: credential.apiToken } : loginOf(credential)),
    read: ({ accessToken, expiresAt }) => ({ token: accessToken, expiresAt: Date.parse(String(expiresAt)) }),
  }),
  debricked: (credential) => ({
    ...('apiToken' in credential
      ? json('/api/login_refresh', { refresh_token: credential.apiToken })
      : json('/api/login_check', { _username: credential.username, _password: credential.password })),
    read: ({ token }) => ({ token, expiresAt: null }),
  }),
  parsers: (credential) => ({
    kind: 'exchanged',
    path: '/v2/auth/token',
    headers: { authorization: `Basic ${Buffer.from(basicOf(credential), 'utf8').toString('base64')}` },
    body: null,
    read: ({ token }) => ({ token, expiresAt: null }),
  }),
  rebelcore: (credential) => {
    if ('apiToken' in credential) throw new TypeError('RebelCore takes a user name and a password, not an API token.');
    return {
      ...json('/api/v1/authorize', loginOf(credential)),
      read: ({ token, expires_at }) => ({ token, expiresAt: Number(expires_at) * 1000 }),
    };
  },
  none: (credential) => direct('Bearer', credential),
  versio: (credential) => direct('apiToken', credential),
};

function json(path: string, body: Record<string, string>): Omit<TokenExchange, 'read'> {
  return { kind: 'exchanged', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function loginOf({ username, password }: { username: string; password: string }): Record<string, string> {
  return { username, password };
}

/** RFC 7617 section 2: the first colon divides, so that none can be in the user name. */
function basicOf(credential: Credential): string {
  if ('apiToken' in credential) return `${credential.apiToken}:`;
  if (credential.username.includes(':')) throw new TypeError('A user name for Parsers holds no colon.');
  return `${credential.username}:${credential.password}`;
}

function direct(scheme: string, credential: Credential): StaticCredential {
  if (!('apiToken' in credential)) throw new TypeError('Without an exchange the credential must be an API token.');
  return { kind: 'direct', authorization: `${scheme} ${credential.apiToken}`, token: credential.apiToken };
}
