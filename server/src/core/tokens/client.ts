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
  if (token === null) {
    const name = canonicalUsername(id);
    // By its id an imported one comes only with a generated password: others are guessed at under the name.
    if (!isApiUsername(name) && !hasIdForm(name)) return proveNamed(ports, { name, password: secret, address });
    return proveApiUser(ports, await apiUserOf(ports, name), secret);
  }
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

function apiUserOf(ports: Reading<'apiUsers'>, name: string): Promise<ApiUserPassword | null> {
  return hasIdForm(name) ? apiUserWithId(ports, name) : apiUserNamed(ports, name);
}
