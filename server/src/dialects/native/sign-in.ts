// Signing in: a password or an API token in the body for an access token. Every refusal is one answer (S21).

import { AccessTokenRequest, AccessTokenResponse, LoginRequest, LoginResponse } from '@keyward/sdk/wire';
import type { FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import { invalid, KeywardError } from '../../core/errors.ts';
import { workingDayMs } from '../../core/tokens/applications/device/command-line.ts';
import type { Exchanged, ExchangeRequest, Proof } from '../../core/tokens/exchange.ts';
import type { TokenShape } from '../../core/tokens/issue.ts';
import { NoQuery, type Scope } from './caller.ts';
import { signInPaths } from './problem.ts';
import { toTime } from './time.ts';

export function mountSignIn(scope: Scope, core: Core): void {
  const login = { body: LoginRequest, querystring: NoQuery, response: { 200: LoginResponse } };
  scope.post(signInPaths.login, { schema: login }, async (request) => {
    const { email, password, code } = request.body;
    const exchanged = await exchange(
      core,
      request,
      { kind: 'password', username: email, password, who: 'user', code, asksCode: true },
      (caller) => shapeOf('oauth', workingDayMs, caller),
      { opensSession: true },
    );
    const { id, name } = await core.readUser(exchanged.principal, exchanged.principal.id);
    return { ...toWire(exchanged), user: { id, email: exchanged.principal.name, name } };
  });

  const accessTokens = { body: AccessTokenRequest, querystring: NoQuery, response: { 200: AccessTokenResponse } };
  scope.post(signInPaths.accessTokens, { schema: accessTokens }, async (request) => {
    const { form = 'jwt', lifetimeSeconds = 3600 } = request.body;
    return toWire(
      await exchange(core, request, proofIn(request.body), (caller) =>
        shapeOf(form === 'jwt' ? 'oauth' : 'sealed', lifetimeSeconds * 1000, caller),
      ),
    );
  });
}

async function exchange(
  core: Core,
  { clientAddress: address, headers }: FastifyRequest,
  proof: Proof,
  shape: ExchangeRequest['shape'],
  options: Pick<ExchangeRequest, 'opensSession'> = {},
): Promise<Exchanged> {
  const outcome = await core.exchange({ proof, address, userAgent: headers['user-agent'], shape, ...options });
  if (outcome.allowed) return outcome;
  throw new KeywardError('unauthenticated', 'The credential was not accepted.', { reason: outcome.reason });
}

/**
 * In characters. No verifier reads a token of more than 8,192, so a list that is too long is left out: part of it would
 * pass for the whole. What a token may do is looked up with its credential, and told by GET /v1/self.
 */
const roomForScope = 4000;

/** The claims of RFC 9068 section 2.2; core adds `iss`, `aud`, `jti`, `sub` and `src`. */
function shapeOf(form: TokenShape['form'], lifetimeMs: number, caller: Exchanged['principal']): TokenShape {
  const scope = caller.permissions.join(' ');
  const claims: TokenShape['claims'] = ({ issuedAt, expiresAt }) => ({
    exp: expiresAt,
    iat: issuedAt,
    client_id: caller.id,
    ...(scope.length <= roomForScope && { scope }),
  });
  return { form, lifetimeMs, claims };
}

function proofIn({ apiToken, username, password }: AccessTokenRequest): Proof {
  if (apiToken !== undefined && username === undefined && password === undefined) {
    return { kind: 'api_token', secret: apiToken };
  }
  if (apiToken === undefined && username !== undefined && password !== undefined) {
    return { kind: 'password', username, password };
  }
  throw invalid(['body'], 'Send either apiToken, or username and password.');
}

function toWire({ token, expiresAt }: Exchanged): AccessTokenResponse {
  return { accessToken: token, tokenType: 'Bearer', expiresAt: toTime(expiresAt) };
}
