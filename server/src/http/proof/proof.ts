// Calls with the DPoP scheme (RFC 9449): which call a proof must be for, and the nonce that every answer to one gives. What a
// proof is worth is told elsewhere.

import type { IncomingHttpHeaders } from 'node:http';
import type { ShownProof } from '@keyward/rules/dpop/proofs';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import { asDpopChallenge } from '../../dialects/challenge/dpop.ts';
import { isFromProxy, type TrustedProxies } from '../client-address.ts';
import { type ToldCall, tellsOfCall, toldCallIn, toldOriginIn } from './told-call.ts';

/** True for a request that its client shows a key with, be it well formed or not. */
export function showsKey({ authorization, dpop }: IncomingHttpHeaders): boolean {
  if (dpop !== undefined) return true;
  return authorization !== undefined && !authorization.startsWith('B') && /^\s*dpop(?:\s|$)/i.test(authorization);
}

/** Gives every request its `proof()` (the contract is in dialects/dialect.ts), and answers to those that show a key a nonce. */
export function decorateWithProof(app: FastifyInstance, core: Core, trusted: TrustedProxies): void {
  app.decorateRequest('proof', function (this: FastifyRequest, identifier?: string): ShownProof | undefined {
    if (this.presented().scheme !== 'dpop') return undefined;
    const told = this.asked ?? toldCall(this, trusted);
    const { method, target } = told ?? { method: this.method, target: this.originalUrl };
    const origin = told === undefined ? null : toldOriginIn(this.headers);
    const origins = origin === null ? [core.publicAddress(), originIn(identifier)] : [origin];
    const { dpop = null } = this.headers;
    return { text: dpop === null ? null : String(dpop), method, addresses: origins.map((one) => one + target) };
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (showsKey(request.headers)) {
      reply.header('dpop-nonce', core.dpopNonce());
      const challenge = reply.getHeader('www-authenticate');
      if (typeof challenge === 'string') reply.header('www-authenticate', asDpopChallenge(challenge));
    }
    done(null, payload);
  });
}

/** What of a request may tell of a call. */
interface Telling {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Parameters<typeof isFromProxy>[0];
  readonly routeOptions: { readonly config?: FastifyContextConfig };
}

/** Where a proxy may ask about a call, the one that a trusted one tells of. */
function toldCall({ method, headers, raw, routeOptions }: Telling, trusted: TrustedProxies): ToldCall | undefined {
  if (routeOptions.config?.tellsOfCall !== true || !tellsOfCall(headers) || !isFromProxy(raw, trusted))
    return undefined;
  return toldCallIn(headers, { method, target: undefined });
}

/** An identifier may be the address of its API; what is none is nobody's origin. */
function originIn(identifier: string | undefined): string {
  return identifier !== undefined && URL.canParse(identifier) ? new URL(identifier).origin : '';
}
