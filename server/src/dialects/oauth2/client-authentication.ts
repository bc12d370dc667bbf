// How a client says who it is (RFC 6749 section 2.3.1): in the Authorization header or in the body, in one of them alone.
// Whether that is true is core's to say.

import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Principal } from '../../core/caller/records.ts';
import type { Core } from '../../core/core.ts';
import { KeywardError } from '../../core/errors.ts';
import type { ClientProof } from '../../core/tokens/client.ts';

/** The ways of RFC 8414 and the IANA registry that are understood. */
export const clientAuthenticationMethods = ['client_secret_basic', 'client_secret_post'] as const;

/** A parameter without a value is no parameter (S46). */
export const Parameter = Type.String({ minLength: 1 });

/** What of a body tells who the client is. */
export const clientParameters = {
  client_id: Type.Optional(Parameter),
  client_secret: Type.Optional(Parameter),
} as const;

interface ClientParameters {
  client_id?: string;
  client_secret?: string;
}

/**
 * What the client shows; null if it shows nothing. Throws KeywardError `invalid_request` for two ways at once, and
 * `unauthenticated` for what shows nothing that could be true.
 */
export function clientProofIn({ headers }: FastifyRequest, body: ClientParameters): ClientProof | null {
  const { authorization } = headers;
  const { client_id: id, client_secret: secret } = body;
  if (authorization === undefined) return inBody(id, secret);
  if (secret !== undefined) {
    throw new KeywardError('invalid_request', 'Authenticate in the Authorization header or in the body, not in both.');
  }
  const proof = inHeader(authorization);
  if (id === undefined || id === proof.id) return proof;
  throw new KeywardError('invalid_request', 'client_id in the body is another than in the Authorization header.');
}

/** The client of a request that needs one. Throws as `clientProofIn` does; null if core does not accept it. */
export async function clientOf(
  request: FastifyRequest,
  body: ClientParameters,
  core: Pick<Core, 'identifyClient'>,
): Promise<Principal | null> {
  const proof = clientProofIn(request, body);
  if (proof === null) throw unauthenticated();
  return core.identifyClient(proof, request.clientAddress);
}

function inBody(id: string | undefined, secret: string | undefined): ClientProof | null {
  if (id === undefined && secret === undefined) return null;
  if (id !== undefined && secret !== undefined) return { kind: 'secret', id, secret };
  throw unauthenticated();
}

/** Both parts are form-encoded before they are put together, so that a colon, a plus or an é in them is no matter (S45). */
function inHeader(authorization: string): ClientProof {
  const encoded = /^basic +([a-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) throw unauthenticated();
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) throw unauthenticated();
  const text = bytes.toString('latin1');
  const colon = text.indexOf(':');
  const [id, secret] = [formDecoded(text.slice(0, colon)), formDecoded(text.slice(colon + 1))];
  if (colon < 0 || !id || !secret) throw unauthenticated();
  return { kind: 'secret', id, secret };
}

/** Undefined for what is not well encoded. Some clients leave out the encoding: of what these send, UTF-8 is taken as it is. */
function formDecoded(latin1: string): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return /\p{Cc}/u.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** No client, or nothing that could be one. */
export function unauthenticated(): KeywardError {
  return new KeywardError('unauthenticated', 'The client was not accepted.', { reason: 'missing' });
}
