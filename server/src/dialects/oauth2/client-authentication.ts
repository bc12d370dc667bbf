// How a client says who it is (RFC 6749 section 2.3.1): by a secret in the Authorization header or in the body, or by a JWT in the body
// (RFC 7523), in one of these ways alone. Whether that is true is core's to say.

import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Core } from '../../core/core.ts';
import { KeywardError } from '../../core/errors.ts';
import type { ClientAssertion, ClientProof } from '../../core/tokens/client.ts';

/** The ways of RFC 8414 and the IANA registry that are understood. */
export const clientAuthenticationMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The same where an application may be the client: one that can keep no secret shows none (RFC 7591 section 2). */
export const applicationAuthenticationMethods = [...clientAuthenticationMethods, 'none'] as const;

/** A parameter without a value is no parameter (S46). */
export const Parameter = Type.String({ minLength: 1 });

/** What of a body tells who the client is. */
export const clientParameters = {
  client_id: Type.Optional(Parameter),
  client_secret: Type.Optional(Parameter),
  client_assertion: Type.Optional(Parameter),
  client_assertion_type: Type.Optional(Parameter),
} as const;

export interface ClientParameters {
  client_id?: string;
  client_secret?: string;
  client_assertion?: string;
  client_assertion_type?: string;
}

type Addressed = Pick<Core, 'publicAddress'>;

/**
 * What the client shows; null if it shows nothing. Throws KeywardError `invalid_request` for two ways at once, and
 * `unauthenticated` for what shows nothing that could be true.
 */
export function clientProofIn(request: FastifyRequest, body: ClientParameters, core: Addressed): ClientProof | null {
  const { authorization } = request.headers;
  const { client_id: id, client_secret: secret, client_assertion: jwt, client_assertion_type: type } = body;
  if (jwt !== undefined || type !== undefined) {
    if (authorization === undefined && secret === undefined) return assertionIn(request, body, core);
    throw new KeywardError('invalid_request', 'Authenticate by a secret or by client_assertion, not by both.');
  }
  if (authorization === undefined) return inBody(id, secret);
  if (secret !== undefined) {
    throw new KeywardError('invalid_request', 'Authenticate in the Authorization header or in the body, not in both.');
  }
  const proof = inHeader(authorization);
  if (id === undefined || id === proof.id) return proof;
  throw new KeywardError('invalid_request', 'client_id in the body is another than in the Authorization header.');
}

/** As `clientProofIn`, of what an application shows, which may be its id alone. Throws `unauthenticated` for nothing. */
export function applicationProofIn(request: FastifyRequest, body: ClientParameters, core: Addressed): ClientProof {
  const { client_id: id, client_secret: secret, client_assertion: jwt, client_assertion_type: type } = body;
  const shown = [request.headers.authorization, secret, jwt, type];
  if (id !== undefined && shown.every((one) => one === undefined)) return { kind: 'none', id };
  const proof = clientProofIn(request, body, core);
  if (proof === null) throw unauthenticated();
  return proof;
}

/** A JWT that proves whose token is wanted: of another issuer, for the client that is named and shows nothing else. */
export function outsideSubject(
  request: FastifyRequest,
  { client_id: id }: ClientParameters,
  jwt: string,
  core: Addressed,
): ClientAssertion {
  if (id !== undefined) return { kind: 'assertion', id, jwt, as: 'subject', audiences: audiencesOf(request, core) };
  throw new KeywardError(
    'invalid_request',
    'Send client_id: the id or the username of the API user whose federated credential trusts this token.',
  );
}

/** No client is guessed from a token: it says whom it means. */
function assertionIn(
  request: FastifyRequest,
  { client_id: id, client_assertion: jwt, client_assertion_type: type }: ClientParameters,
  core: Addressed,
): ClientAssertion {
  if (jwt === undefined)
    throw new KeywardError('invalid_request', 'Send client_assertion beside client_assertion_type.');
  if (type !== assertionType) {
    throw new KeywardError('invalid_request', `Send client_assertion_type, which can be ${assertionType} only.`);
  }
  if (id === undefined) {
    throw new KeywardError('invalid_request', 'Send client_id: the id or the username of the API user.');
  }
  return { kind: 'assertion', id, jwt, as: 'client', audiences: audiencesOf(request, core) };
}

/** What a token that the client signed itself may be for (RFC 7523 section 3): this server, or the endpoint. */
function audiencesOf({ routeOptions }: FastifyRequest, core: Addressed): string[] {
  const issuer = core.publicAddress();
  return [issuer, `${issuer}${routeOptions.url}`];
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
