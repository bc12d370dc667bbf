// One person, one name: spellings that a reader takes for the same are the same, look-alikes are refused, and of many who
// ask for a name at once exactly one gets it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeywardError } from '../../server/src/core/errors.ts';
import { startServer, type TestServer } from '../server.ts';

const spellings = [
  'bob@acme.example',
  'Bob@Acme.Example',
  'BOB@ACME.EXAMPLE',
  ' bob@acme.example ',
  'ｂｏｂ@ａｃｍｅ.example',
  'bob＠acme.example',
  'BoB@acme．example',
  '𝐛𝐨𝐛@acme.example',
];

describe.each(['sqlite', 'postgres'] as const)('on %s', (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server.stop());

  const create = (email: string) => server.core.createUser(server.asOwner, { email, name: 'B', role: 'viewer' });

  test('of 100 who ask for one e-mail at once, in any spelling, one gets it [S80]', async () => {
    // Fewer at once than would be turned away for their number.
    const outcomes: PromiseSettledResult<Awaited<ReturnType<typeof create>>>[] = [];
    for (let batch = 0; batch < 2; batch += 1) {
      const asked = Array.from({ length: 50 }, (_, at) => create(spellings[at % spellings.length] ?? ''));
      outcomes.push(...(await Promise.allSettled(asked)));
    }
    const made = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(made).toHaveLength(1);
    for (const one of outcomes) {
      if (one.status === 'rejected') expect((one.reason as KeywardError).code).toBe('conflict');
    }
    const [{ user, password } = { user: null, password: '' }] = made;
    expect(user?.email).toBe('bob@acme.example');
    for (const username of spellings) {
      const proof = { kind: 'password', username, password } as const;
      const answer = await server.core.exchange({ proof, shape: () => ({ form: 'sealed', lifetimeMs: 60_000 }) });
      expect(answer, username).toMatchObject({ allowed: true, principal: { id: user?.id } });
    }
  });

  test.each([
    ...[
      'аdmin@acme.example',
      'admіn@acme.example',
      'a\u0301dmin@acme.example',
      'ad\u200bmin@acme.example',
      'admin\u202e@acme.example',
    ],
    ...[
      'admin@аcme.example',
      'ad\u00admin@acme.example',
      '\ufeffadmin@acme.example',
      'admin@acme.example\u0000',
      'a b@acme.example',
    ],
    ...[
      'admin/',
      '@acme.example',
      'admin@',
      'a@b@c',
      'admin@acme..example',
      '',
      ' ',
      'admin@acme.example\n',
      'ádmin@acme.example',
    ],
  ])('%j is no e-mail, or that of whom it names [S80]', async (email) => {
    // An end of line or a mark that is no part of the text is taken off; what is left is somebody's already.
    const failed = await create(email).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(KeywardError);
    expect((failed as KeywardError).code).toBe(email.trim() === 'admin@acme.example' ? 'conflict' : 'invalid_request');
  });
});
