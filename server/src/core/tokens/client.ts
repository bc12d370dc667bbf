// Who asks for access tokens as a client of this server: an API user or an API token, by what it knows. Another kind of
// client, or another way to prove who it is, is another case here; what a client may have is not decided here.

import { principalOf } from '../caller/principal.ts';
import type { Principal } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import type { Clocked } from '../clock.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import { canonicalUsername, isApiUsername } from '../name.ts';
import { idOf, publicIdOf } from '../secret.ts';
import { type FailedExchange, type FailedProof, failedProof, whose } from './exchange-failure.ts';
import type { Reading } from './ports.ts';
import { apiUserNamed, apiUserWithId, type Proved, proveApiToken, proveApiUser } from './proof.ts';

/** What a client shows. `id`: of an API user its id or username, of an API token its public id. */
export interface ClientProof {
  kind: 'secret';
  id: string;
  /** Of an API user its password, of an API token itself. */
  secret: string;
}

/** The client's record, which ends with what was shown. Whatever is wrong, one path and one answer (S21). */
export async function authenticateClient(
  ports: Reading<'apiUsers' | 'credentials'> & Clocked,
  { id, secret }: ClientProof,
): Promise<Proved | FailedProof> {
  const token = idOf(id);
  if (token === null) return authenticateApiUser(ports, id, secret);
  const proved = await proveApiToken(ports, secret);
  if ('reason' in proved || proved.source.id === token) return proved;
  return failedProof('unknown', whose(proved));
}

/** The client as a caller from this address; null if it was not accepted, which is told to the log alone. */
export async function identifyClient(
  ports: Reading<'apiUsers' | 'credentials'> & Clocked & { exchangeFailed(failure: FailedExchange): void },
  proof: ClientProof,
  address: string,
): Promise<Principal | null> {
  const client = await authenticateClient(ports, proof);
  const fail = ({ reason, whose }: FailedProof) => {
    ports.exchangeFailed({ ...whose, reason, address });
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

async function authenticateApiUser(
  ports: Reading<'apiUsers' | 'credentials'> & Clocked,
  id: string,
  secret: string,
): Promise<Proved | FailedProof> {
  const username = canonicalUsername(id);
  const apiUser = await (isApiUsername(username) ? apiUserNamed(ports, username) : apiUserWithId(ports, username));
  return proveApiUser(ports, apiUser, secret);
}
