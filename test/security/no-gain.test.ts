// Whatever somebody does, they can do no more afterwards than they could before: tried with each of core's operations, by
// each role and by tokens with each single permission. What they come to know of, and what they knew that was dead, counts.

import { covers } from '@keyward/rules/permission';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInPermissions, builtInRoles } from '../../server/src/core/caller/built-in-roles.ts';
import type { Caller } from '../../server/src/core/caller/caller.ts';
import { isActive } from '../../server/src/core/caller/lifecycle.ts';
import { principalOf } from '../../server/src/core/caller/principal.ts';
import type { CredentialRecord } from '../../server/src/core/caller/records.ts';
import { KeywardError } from '../../server/src/core/errors.ts';
import { createPasswordHasher } from '../../server/src/passwords/argon2.ts';
import { startServer, type TestServer } from '../server.ts';
import { type Attempt, attempts } from './no-gain-attempts.ts';
import { type Kind, managing, passwordOfAll, settle, type World } from './no-gain-world.ts';

let server: TestServer;
let passwordHash: string;
beforeAll(async () => {
  server = await startServer();
  passwordHash = await createPasswordHasher().hash(passwordOfAll);
});
afterAll(() => server?.stop());

const kinds: Kind[] = [
  ...[...builtInRoles.keys(), 'manager', 'reader'].map((role) => ({ role })),
  ...[...builtInPermissions.keys()].filter((one) => !one.startsWith('read:')).map((one) => ({ permissions: [one] })),
  { permissions: [] },
  { permissions: managing },
  { permissions: ['manage:own_api_key', 'create:user', 'read:*'] },
  { permissions: ['*:organization'] },
  // An owner's token for everything makes owners, and yet none that outlasts it.
  { permissions: ['*:*'] },
];

test('has a row for each operation of core, and for no other', () => {
  expect(Object.keys(attempts).sort()).toEqual(Object.keys(server.core).sort());
});

const tried = Object.entries(attempts).filter((row): row is [string, Attempt[]] => typeof row[1] !== 'string');

describe.each(tried)('nobody gains by %s', (_name, each) => {
  test.each(kinds.map((kind) => [JSON.stringify(kind), kind] as const))('%s [S56]', async (text, kind) => {
    for (const attempt of each) {
      const world = await unchangedWorld(text, kind);
      const told = (await attempt(server.core, world).catch(refusal)) ?? [];
      await expectNoGain(world, [...world.known, ...told, { type: world.caller.type, id: world.caller.id }]);
    }
  });
});

const worlds = new Map<string, { world: World; seen: string }>();

/** One that no attempt has changed. */
async function unchangedWorld(text: string, kind: Kind): Promise<World> {
  const known = worlds.get(text);
  if (known !== undefined && (await changesIn(known.world)) === known.seen) return known.world;
  const world = await settle(server, kind, passwordHash);
  worlds.set(text, { world, seen: await changesIn(world) });
  return world;
}

async function changesIn({ operator, customer }: World): Promise<string> {
  const entries = [operator, customer].map((id) => server.store.journal.latest(id, 1));
  return (await Promise.all(entries)).map(([entry]) => entry?.seq ?? 0).join();
}

/** A request that is wrong is as good as one that is refused. Anything else is no answer. */
function refusal(error: unknown): undefined {
  if (!(error instanceof KeywardError) || ['internal', 'unavailable'].includes(error.code)) throw error;
}

async function expectNoGain({ caller, endsAt }: World, known: { type: Caller['type']; id: string }[]): Promise<void> {
  for (const { type, id } of known) {
    if (type === 'system') throw new Error('Nobody knows the machine.');
    const record = await server.store.credentials.bySource({ type, id });
    if (record === null || !isGood(record)) continue;
    const principal = principalOf(record);
    for (const one of principal.permissions)
      expect(caller.permissions, `${type} ${one}`).toSatisfy((held: string[]) => covers(held, one));
    if (principal.owner.role === 'owner' && covers(principal.permissions, '*:*')) {
      const isAllowed = caller.owner.role === 'owner' || record.organization.id !== caller.organization.id;
      expect(isAllowed, 'only owners make owners').toBe(true);
    }
    if (endsAt !== null && type === 'api_token' && principal.permissions.length > 0)
      expect(record.expiresAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(endsAt);
  }
}

/** From anywhere. */
function isGood({ lifecycle, owner, organization, expiresAt, token }: CredentialRecord): boolean {
  const stands = [lifecycle, owner.lifecycle, organization.lifecycle].every(isActive);
  return (
    stands && (expiresAt === null || expiresAt > server.clock.now()) && (token === null || token.addresses.length === 0)
  );
}
