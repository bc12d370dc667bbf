// What every database must do with what applications have been let do, once a permission or an API of it is withdrawn.

import { describe, expect, it } from 'vitest';
import type { Store } from '../core/ports.ts';
import type { Application, Authorization } from '../core/tokens/applications/records.ts';
import { type Authorized, anApplication, populateAuthorized } from './applications.test-support.ts';
import { changing } from './changes.test-support.ts';
import { another, populate } from './records.test-support.ts';

export function describeWithdrawn(store: () => Store): void {
  const { change } = changing(store);
  const settle = (allowed?: Pick<Authorization, 'scope' | 'api'>) => populateAuthorized(store(), allowed);

  describe('a permission or an API that is withdrawn', () => {
    /** All of it, `limit` at a time; answers which applications lost something. */
    async function withdraw(of: { permission: string } | { api: string }, limit: number): Promise<string[]> {
      const touched = new Set<string>();
      for (let isAll = false; !isAll; ) {
        const step = await change((c) => c.holders.withdrawAuthorized(of, 77, limit));
        for (const one of step.touched) touched.add(`${one.applicationId} ${one.organizationId}`);
        isAll = step.isAll;
      }
      return [...touched].sort();
    }
    const namesOf = (all: Authorized[]) =>
      all.map(({ application, organization }) => `${application.id} ${organization.id}`).sort();
    const found = ({ user, application, authorization }: Authorized) =>
      store().authorizations.find(user.id, application.id, authorization.api);
    const lasts = async ({ session, code }: Authorized) => [
      await store().credentials.hasSession(session.id),
      (await change((c) => c.authorizationCodes.take(code.digest, 1))) !== null,
    ];

    it.each([1, 100])(
      'is in nothing that people let applications do any more, taken away %i at a time',
      async (limit) => {
        const name = `read:Gone_${another()}`;
        const whole = await settle({ scope: [name], api: 'default' });
        const part = await settle({ scope: ['read:funds', name, 'write:*'], api: 'default' });
        const others = [
          await settle({ scope: [name.toLowerCase(), `${name}.more`, 'read:*'], api: name }),
          await settle(),
        ];
        expect(await withdraw({ permission: name }, limit)).toEqual(namesOf([whole, part]));
        expect(await found(whole)).toBeNull();
        expect(await found(part)).toEqual({ ...part.authorization, scope: ['read:funds', 'write:*'], changedAt: 77 });
        for (const one of [whole, part]) expect(await lasts(one)).toEqual([false, false]);
        for (const one of others) {
          expect(await found(one)).toEqual(one.authorization);
          expect(await lasts(one)).toEqual([true, true]);
        }
        expect(await withdraw({ permission: name }, limit)).toEqual([]);
      },
    );

    it.each([1, 100])('takes all with it that people let applications do on that API, %i at a time', async (limit) => {
      const api = `api_${another()}`;
      const ended = [await settle({ scope: ['read:funds'], api }), await settle({ scope: ['*:*'], api })];
      const other = await settle({ scope: [`read:${api}`], api: `${api}_2` });
      expect(await withdraw({ api }, limit)).toEqual(namesOf(ended));
      for (const one of ended) expect([await found(one), ...(await lasts(one))]).toEqual([null, false, false]);
      expect(await found(other)).toEqual(other.authorization);
      expect(await lasts(other)).toEqual([true, true]);
    });

    it('is found in the applications that may ask for it in exactly these letters', async () => {
      const { organization } = await populate(store());
      const name = `read:Held_${another()}`;
      const [holder, ended] = [['a:b', name], [name]].map((permissions) =>
        anApplication(organization.id, { permissions }),
      );
      const near = anApplication(organization.id, { permissions: [name.toLowerCase(), `${name}.more`, 'read:*'] });
      for (const one of [holder, ended, near]) await change((c) => c.applications.insert(one as Application, null));
      await change((c) => c.applications.delete(organization.id, ended?.id ?? '', 1));
      const holders = await store().holders.applications(name);
      const { id: organizationId, name: organizationName } = organization;
      const told = { type: 'application', id: holder?.id, name: 'Reports', permissions: ['a:b', name] };
      expect(holders).toEqual([{ ...told, organizationId, organizationName }]);
      for (const one of holders) await change((c) => c.holders.keep(one, ['a:b']));
      expect((await store().applications.find(organizationId, holder?.id ?? ''))?.permissions).toEqual(['a:b']);
      expect((await store().applications.find(organizationId, near.id))?.permissions).toEqual(near.permissions);
    });
  });
}
