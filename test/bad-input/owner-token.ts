// An access token for a test server's owner, made by an exchange in the process, so that no endpoint is needed.

import type { TestServer } from '../server.ts';

export async function ownerToken({ core, owner }: Pick<TestServer, 'core' | 'owner'>): Promise<string> {
  const proof = { kind: 'password', username: owner.email, password: owner.password } as const;
  const answer = await core.exchange({ proof, shape: () => ({ form: 'oauth', lifetimeMs: 12 * 3_600_000 }) });
  if (!answer.allowed) throw new Error(`The owner could not sign in: ${answer.reason}.`);
  return answer.token;
}
