// Who asks for access tokens as a client of this server: an API user or an API token, by what it knows, or an API user by a token that
// others, or it itself, signed. Another kind of client is another case here; what a client may have is not decided here.

import { hasIdForm } from '@keyward/rules/organization-handle';
import { isInForce } from '../caller/credential-lifecycle.ts';
import { principalOf } from '../caller/principal.ts';
import type { Principal } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import type { ApiUserPassword } from '../identity/records.ts';
import { canonicalUsername, isApiUsername } from '../name.ts';
import { idOf, publicIdOf } from '../secret.ts';
import { type FailedExchange, type FailedProof, failedProof, toldOf, whose } from './exchange-failure.ts';
import type { AssertionVerifier, PresentedAssertion, Reading } from './ports.ts';
import {
  apiUserNamed,
  apiUserWithId,
  type ChosenPorts,
  type Proved,
  type ProvingTokens,
  proveApiToken,
  proveApiUser,
  proveNamed,
  type Renewing,
} from './proof.ts';

/** What a client shows. `id`: of an API user its id or username, of an API token its public id, of an application its id. */
export type ClientProof = ClientSecret | ClientAssertion | NoSecret;

export interface ClientSecret {
  kind: 'secret';
  id: string;
  /** Of an API user its password, of an API token itself. */
  secret: string;
}

/** An application that can keep no secret. */
export interface NoSecret {
  kind: 'none';
  id: string;
}

/** A JWT in place of a secret (RFC 7523): of an API user by one of its federated credentials, of an application by its keys. */
export interface ClientAssertion extends Pick<PresentedAssertion, 'jwt' | 'as' | 'audiences'> {
  kind: 'assertion';
  id: string;
}

/** The ports of what asks who a client is. */
export type ClientPorts = ChosenPorts & ProvingTokens & { assertions: AssertionVerifier };

/** The client's record, which ends with what was shown. Whatever is wrong, one path and one answer (S21). */
export async function authenticateClient(
  ports: ClientPorts & Renewing,
  proof: ClientProof,
  address: string,
): Promise<Proved | FailedProof> {
  if (proof.kind === 'none') return failedProof('unknown');
  const { id } = proof;
  const token = idOf(id);
  if (proof.kind === 'assertion') return authenticateByAssertion(ports, proof);
  const { secret } = proof;
  if (token === null) return authenticateApiUser(ports, { name: canonicalUsername(id), password: secret, address });
  const proved = await proveApiToken(ports, secret);
  if ('reason' in proved || proved.source.id === token) return proved;
  return failedProof('unknown', whose(proved));
}

/** The client as a caller from this address; null if it was not accepted, which is told to the log alone. */
export async function identifyClient(
  ports: ClientPorts & Renewing & { exchangeFailed(failure: FailedExchange): void },
  proof: ClientProof,
  address: string,
): Promise<Principal | null> {
  const client = await authenticateClient(ports, proof, address);
  const fail = (failure: FailedProof) => {
    ports.exchangeFailed(toldOf(failure, address));
    return null;
  };
  if ('reason' in client) return fail(client);
  return mayComeFrom(client, address)
    ? principalOf(client)
    : fail({ reason: 'address_not_allowed', whose: whose(client) });
}

/**
 * By a name, or by an id with a generated password, which nobody guesses. Where that fails an id is taken for a name, as one that was
 * imported may have: then it is guessed at under the name, and no time tells which ids and names there are (S22, S24).
 */
async function authenticateApiUser(
  ports: ClientPorts & Renewing,
  named: { name: string; password: string; address: string },
): Promise<Proved | FailedProof> {
  const { name, password } = named;
  if (isApiUsername(name)) return proveApiUser(ports, await apiUserNamed(ports, name), password);
  if (!hasIdForm(name)) return proveNamed(ports, named);
  const byId = await proveApiUser(ports, await apiUserWithId(ports, name), password);
  if (!('reason' in byId)) return byId;
  const byName = await proveNamed(ports, named);
  return 'reason' in byName && byName.whose.id === undefined ? byId : byName;
}

/** What a client is called as such. */
export function clientIdOf(source: AccessTokenSource): string {
  return source.type === 'api_token' ? publicIdOf(source.id) : source.id;
}

async function authenticateByAssertion(
  ports: ClientPorts,
  { id: clientId, jwt, as, audiences }: ClientAssertion,
): Promise<Proved | FailedProof> {
  const owner = await apiUserOf(ports, canonicalUsername(clientId));
  const proved = await ports.assertions.prove({ owner, clientId, jwt, as, audiences });
  if (owner === null) return failedProof('unknown');
  const { id, organizationId } = owner;
  if (proved.why !== undefined) return failedProof('unknown', { type: 'api_user', id, organizationId }, proved.why);
  // Reading a record takes longer than finding none: only whoever proved itself has it read (S22).
  const record = await ports.store.credentials.bySource({ type: 'api_user', id });
  if (record === null) return failedProof('unknown');
  if (!isInForce(record)) return failedProof('unknown', whose(record));
  return { ...record, lineage: [proved.lineageId] };
}

/** An id comes before a name of its form, and both are looked for, so that it takes as long. */
async function apiUserOf(ports: Reading<'apiUsers'>, name: string): Promise<ApiUserPassword | null> {
  if (!hasIdForm(name)) return apiUserNamed(ports, name);
  const [byId, byName] = await Promise.all([apiUserWithId(ports, name), apiUserNamed(ports, name)]);
  return byId ?? byName;
}
