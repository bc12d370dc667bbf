// The device authorization endpoint (RFC 8628 section 3.1): what has no browser, or no keyboard, asks for access, and is told
// what its person types where. The token endpoint is then polled (token.ts); people answer in the portal.

import { scopeIn } from '@keyward/rules/token-bounds';
import { type Static, Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { KeywardError } from '../../core/errors.ts';
import { faultInNamedKey } from '../authorization/named-key.ts';
import { applicationProofIn, clientParameters, Parameter } from './client-authentication.ts';
import { denial } from './denial.ts';
import { errorAnswers, type OAuthError, sendError } from './error.ts';
import { NoQuery, type Scope } from './scope.ts';

export const devicePath = '/oauth/device';

/** Where the portal asks people for the code. */
const verificationPage = '/device';

const optional = Type.Optional(Parameter);

/** Whatever else is sent is ignored (RFC 6749 section 3.1). `dpop_jkt`: as of an authorization request (RFC 9449 section 10). */
const DeviceRequest = Type.Object({ ...clientParameters, scope: optional, resource: optional, dpop_jkt: optional });

/** A client that authenticates in the header need say nothing else. */
const OrNothing = Type.Unsafe<Static<typeof DeviceRequest> | null | undefined>({ ...DeviceRequest, nullable: true });

/** RFC 8628 section 3.2. */
const DeviceAnswer = Type.Object({
  device_code: Type.String(),
  user_code: Type.String(),
  verification_uri: Type.String(),
  verification_uri_complete: Type.String(),
  expires_in: Type.Integer(),
  interval: Type.Integer(),
});
type DeviceAnswer = Static<typeof DeviceAnswer>;

export function mountDevice(scope: Scope, core: Core): void {
  const schema = { body: OrNothing, querystring: NoQuery, response: { 200: DeviceAnswer, ...errorAnswers } };
  scope.post(devicePath, { schema }, async (request, reply) => {
    const asked = request.body ?? {};
    const proof = applicationProofIn(request, asked, core);
    const { scope: words, resource, dpop_jkt: key = null } = asked;
    const fault = faultInNamedKey(key);
    if (fault !== null) throw new KeywardError('invalid_request', fault);
    const made = await core.requestDeviceCode(proof, {
      scope: words === undefined ? null : scopeIn(words),
      resources: resource === undefined ? [] : [resource],
      key,
      address: request.clientAddress,
    });
    if (!made.allowed) return sendError(reply, denial(made));
    const page = core.publicAddress() + verificationPage;
    const answer: DeviceAnswer = {
      device_code: made.deviceCode,
      user_code: made.userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?${new URLSearchParams({ user_code: made.userCode })}`,
      expires_in: made.lifetimeMs / 1000,
      interval: made.intervalMs / 1000,
    };
    return reply.header('pragma', 'no-cache').send(answer as DeviceAnswer & OAuthError);
  });
}
