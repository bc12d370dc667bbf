// Whose an API token is to be: somebody named by their kind and id, e-mail address, user name or name.

import type { Client } from '../client/client.ts';
import { find, type Kind } from '../grammar/named.ts';
import { misuse } from '../terminal/command-error.ts';

export const userKind: Kind = { word: 'user', path: '/v1/users', names: ({ email, name }) => [email, name] };
export const apiUserKind: Kind = {
  word: 'API user',
  path: '/v1/api-users',
  names: ({ name, username }) => [name, username],
  hasExternalId: true,
};

/** `user:ann@example.com` or `api_user:batch`; an e-mail address alone is a user's. */
export async function findOwner(client: Client, value: unknown): Promise<{ type: 'user' | 'api_user'; id: string }> {
  const text = String(value);
  const [, kind, rest = ''] = /^(user|api[-_]user):(.+)$/s.exec(text) ?? [];
  const type = kind === undefined ? (text.includes('@') ? 'user' : null) : kind === 'user' ? 'user' : 'api_user';
  if (type === null) {
    throw misuse(
      `${JSON.stringify(text)} does not say of which kind.`,
      'Write it like user:ann@example.com or api-user:batch',
    );
  }
  const { id } = await find(client, type === 'user' ? userKind : apiUserKind, kind === undefined ? text : rest);
  return { type, id };
}
