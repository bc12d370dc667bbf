// The authorization endpoint (RFC 6749 section 3.1), of every language that has one: a browser brings what an application asks
// for. It is checked and handed on to the portal, where people sign in and answer. Codes only, PKCE with S256 always (RFC 9700
// section 2.1). Who the application is and where the answer goes must be known before anybody is sent there: until then faults are
// shown on a page.

import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import type { JwtProfile } from '../../core/tokens/records.ts';
import { answerUrl } from '../authorization-answer.ts';
import { sendFaultPage } from './fault-page.ts';
import { faultInNamedKey } from './named-key.ts';

/** What is a language's own. */
export interface AuthorizationEndpoint {
  path: string;
  /** Of the access tokens that come of it: applications that get others are not known here. */
  profile: JwtProfile;
  /** The permissions and patterns that a scope means; none, which is refused, where it has a word that means nothing. */
  permissionsIn(scope: string): readonly string[];
}

/** Where the portal asks people. */
const consentPage = '/consent';

/** Of the page's address the request is most. */
const longestRequest = 7000;

const optional = Type.Optional(Type.String());

/** Whatever else is sent is ignored, and what has no value is not there (RFC 6749 section 3.1). */
const AuthorizationQuery = Type.Object({
  client_id: optional,
  redirect_uri: optional,
  response_type: optional,
  response_mode: optional,
  state: optional,
  scope: optional,
  resource: optional,
  code_challenge: optional,
  code_challenge_method: optional,
  dpop_jkt: optional,
  prompt: optional,
});

export function mountAuthorization(
  scope: FastifyInstance,
  core: Core,
  { path, profile, permissionsIn }: AuthorizationEndpoint,
): void {
  scope.get(path, { schema: { querystring: AuthorizationQuery } }, async (request, reply) => {
    const given = Object.entries(request.query as Record<string, string>).filter(([, value]) => value !== '');
    const asked: Asked = Object.fromEntries(given);
    const { client_id: clientId, redirect_uri: redirectUri, state = null } = asked;
    if (clientId === undefined) return sendFaultPage(reply, 'client');
    const { clientAddress } = request;
    const application = await core.applicationToAnswer(clientId, redirectUri ?? '', clientAddress, profile);
    if (typeof application === 'string') return sendFaultPage(reply, application);
    const answer = ([error, text]: Fault) => {
      const parameters = { error, error_description: text, state };
      return redirect(reply, answerUrl(redirectUri ?? '', core.publicAddress(), parameters));
    };
    const fault = faultIn(asked);
    if (fault !== null) return answer(fault);
    const { scope: words, resource, code_challenge: challenge = '', dpop_jkt: key = null } = asked;
    const sealed = await core.sealRequest(application, {
      redirectUri: redirectUri ?? '',
      state,
      scope: words === undefined ? null : permissionsIn(words),
      resources: resource === undefined ? [] : [resource],
      challenge,
      key,
    });
    if (typeof sealed !== 'string') return answer(faults[sealed.fault]);
    if (sealed.length > longestRequest) return answer(['invalid_request', 'This is too long: ask for less.']);
    return redirect(reply, `${core.publicAddress()}${consentPage}?${new URLSearchParams({ request: sealed })}`);
  });
}

type Asked = Readonly<Partial<Record<string, string>>>;
type Fault = readonly [error: string, text: string];

/** RFC 6749 section 4.1.2.1, RFC 8707 section 2. */
const faults = {
  grant: ['unauthorized_client', 'This application is not allowed authorization codes.'],
  api: ['invalid_target', 'This names no API.'],
  scope: [
    'invalid_scope',
    'The scope is empty, too long, names what does not exist, or is more than the application may ask for.',
  ],
} as const;

/** What is told to the application (RFC 6749 section 4.1.2.1, RFC 7636 section 4.4.1). */
function faultIn(asked: Asked): Fault | null {
  const { response_type: type, response_mode: mode, code_challenge: challenge, prompt } = asked;
  if (type === undefined) return ['invalid_request', 'Send response_type.'];
  if (type !== 'code') return ['unsupported_response_type', 'response_type can be code only.'];
  if (mode !== undefined && mode !== 'query') return ['invalid_request', 'response_mode can be query only.'];
  if (asked.request !== undefined || asked.request_uri !== undefined) {
    return ['invalid_request', 'Request objects are not understood: send parameters.'];
  }
  if (challenge === undefined) return ['invalid_request', 'Send code_challenge: PKCE is required.'];
  if (asked.code_challenge_method !== 'S256') return ['invalid_request', 'code_challenge_method can be S256 only.'];
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) return ['invalid_request', 'code_challenge is 43 base64url characters.'];
  const fault = faultInNamedKey(asked.dpop_jkt);
  if (fault !== null) return ['invalid_request', fault];
  // Whether somebody is signed in is known to the portal's own page alone.
  if (prompt?.split(' ').includes('none')) return ['interaction_required', 'Somebody must be asked.'];
  return null;
}

function redirect(reply: FastifyReply, url: string): FastifyReply {
  return reply.code(302).headers({ location: url, pragma: 'no-cache' }).send();
}
