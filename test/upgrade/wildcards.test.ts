// The upgrade after which wildcards reach permissions of the guarded APIs only: nothing is expanded, and who lost one of
// Keyward's own is told once and journalled.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../server/src/core/journal/entry.ts';
import { anApiToken, anOrganization, aUser } from '../../server/src/storage/records.test-support.ts';
import { assembleAt, createTestLog, newPlace, type TestPlace } from '../assembled-server.ts';
import { beforeApis, onDatabase } from './older-database.ts';

describe.each(['sqlite', 'postgres'] as const)('an upgrade of %s', (kind) => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await newPlace(kind, { isEmpty: true });
  });
  afterAll(() => place?.remove());

  const organization = anOrganization();
  const owner = aUser(organization.id, { role: 'owner' });
  const member = aUser(organization.id, { role: 'member' });
  const wide = anApiToken(owner, { permissions: ['read:*', 'read:journal', 'update:plan'] });
  const ofMember = anApiToken(member, { permissions: ['read:*'] });
  const bySide = anApiToken(owner, { permissions: ['*:organization'] });
  const unharmed = [
    anApiToken(owner, { permissions: ['*:*', 'read:*'] }),
    anApiToken(owner, { permissions: ['trade:*'] }),
    anApiToken(owner, { permissions: ['read:journal'] }),
  ];
  const role = { organizationId: organization.id, name: 'reader', description: '', createdAt: 1 };

  async function started() {
    const log = createTestLog('info');
    const server = await assembleAt({ place, logger: log.logger });
    const entries: JournalEntry[] = await server.store.journal.latest(organization.id, 100);
    const narrowed = entries.filter(({ action }) => action.endsWith('.wildcards_narrowed'));
    return {
      server,
      narrowed,
      lines: log
        .text()
        .split('\n')
        .filter((line) => line.includes('no longer reach')),
    };
  }

  test('journals and tells once who lost which of Keyward’s own permissions, and expands nothing', async () => {
    const first = await started();
    await first.server.store.write(async (changes) => {
      await changes.organizations.insert(organization);
      for (const user of [owner, member]) await changes.users.insert(user, 'x');
      for (const token of [wide, ofMember, bySide, ...unharmed]) await changes.apiTokens.insert(token);
      await changes.roles.insert({ ...role, permissions: ['create:*', 'create:role'] });
    });
    await first.server.close();
    expect([first.narrowed, first.lines]).toEqual([[], []]);
    await onDatabase(place, beforeApis);

    const { server, narrowed, lines } = await started();
    const lostBy = (id: string) => narrowed.find(({ subject }) => subject.id === id)?.detail.lost;
    expect(narrowed.map(({ subject }) => subject.id).sort()).toEqual(
      [wide.id, ofMember.id, bySide.id, role.name].sort(),
    );
    expect(lostBy(wide.id)).toEqual(expect.arrayContaining(['read:user', 'read:organization_api_key', 'read:metrics']));
    expect(lostBy(wide.id)).not.toContain('read:journal');
    // No more than its owner's role let it do.
    expect(lostBy(ofMember.id)).toEqual(['read:permission', 'read:plan', 'read:organization']);
    expect(lostBy(bySide.id)).toEqual(['create', 'read', 'update', 'delete'].map((verb) => `${verb}:organization`));
    expect(lostBy('reader')).toContain('create:user');
    expect(lostBy('reader')).not.toContain('create:role');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(wide.id);
    expect((await server.store.apiTokens.find(organization.id, wide.id))?.permissions).toEqual(wide.permissions);
    const caller = await server.store.credentials.bySource({ type: 'api_token', id: wide.id });
    expect(caller?.token?.permissions).toEqual(wide.permissions);
    await server.close();

    const again = await started();
    await again.server.close();
    expect(again.lines).toEqual([]);
    expect(again.narrowed).toHaveLength(4);
  });
});
