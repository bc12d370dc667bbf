// Ending one access token before its time: by the client that got it, or that it was made from (RFC 7009). It ends with all
// that was made from it, everywhere, by an entry of the journal that is kept until it would have ended by itself.

import { principalOf } from '../caller/principal.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import { writeAs } from '../caller/write-as.ts';
import { mayComeFrom } from '../credentials/addresses.ts';
import { entryOf } from '../journal/entry.ts';
import { isMeantAsApiToken } from '../secret.ts';
import { authenticateClient, type ClientProof, clientIdOf } from './client.ts';
import { type FailedExchange, whose } from './exchange-failure.ts';
import type { Changes, Changing, Reading } from './ports.ts';
import { read, type TokenReadingPorts } from './read.ts';
import type { ReadToken } from './records.ts';

type RevokingPorts = Reading<'apiUsers' | 'credentials'> &
  Changing<'revokedTokens' | 'users' | 'apiUsers' | 'apiTokens'> &
  TokenReadingPorts & { exchangeFailed(failure: FailedExchange): void };

/** Beyond so many living ones of one source, all of its tokens end instead, and none of them need be known any more. */
export const mostRevoked = 10_000;

/**
 * Ends the token, if it is the client's own; of any other, and of what is none, it does nothing and says the same (S26, S49).
 * Resolves when that is durable. `client`: the client was not accepted; `kind`: an API token, which is not ended here.
 */
export async function revokeAccessToken(
  ports: RevokingPorts,
  proof: ClientProof,
  text: string,
  address: string,
): Promise<'done' | 'client' | 'kind'> {
  const client = await authenticateClient(ports, proof);
  if ('reason' in client || !mayComeFrom(client, address)) {
    const failure = 'reason' in client ? client : { reason: 'address_not_allowed' as const, whose: whose(client) };
    ports.exchangeFailed({ ...failure.whose, reason: failure.reason, address });
    return 'client';
  }
  if (isMeantAsApiToken(text)) return 'kind';
  const token = read(ports, text);
  if (typeof token === 'string' || !isOf(client, token)) return 'done';
  const record = await ports.store.credentials.bySource(token.source);
  if (record === null) return 'done';
  const caller = principalOf(client);
  const organizationId = record.organization.id;
  const { jti, source, expiresAt } = token;
  await writeAs(ports, caller, async (changes) => {
    const at = ports.clock();
    if (!(await changes.revokedTokens.insert({ jti, organizationId, source, expiresAt }))) return;
    const subject = { type: 'access_token', id: jti };
    changes.journal(entryOf(caller, at, 'access_token.revoked', subject, { expiresAt, source }, organizationId));
    if ((await changes.revokedTokens.livingOf(source.id, at, mostRevoked + 1)) <= mostRevoked) return;
    await endAll(changes, organizationId, source);
    await changes.revokedTokens.deleteOf(source.id);
    changes.journal(
      entryOf(caller, at, `${source.type}.access_ended`, source, { revoked: mostRevoked }, organizationId),
    );
  });
  return 'done';
}

/** The client got it, or it was made from what the client is. */
function isOf(client: CredentialRecord, { source, client: holder }: ReadToken): boolean {
  const isItself = source.type === client.source.type && source.id === client.source.id;
  return isItself || holder?.clientId === clientIdOf(client);
}

function endAll(
  changes: Changes<'users' | 'apiUsers' | 'apiTokens'>,
  organizationId: string,
  { type, id }: AccessTokenSource,
): Promise<boolean> {
  const nouns = { user: changes.users, api_user: changes.apiUsers, api_token: changes.apiTokens };
  return nouns[type].endAccessTokens(organizationId, id);
}
