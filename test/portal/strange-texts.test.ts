// Names and texts that are code elsewhere stay texts on the pages that show what others wrote.

import { expect, test } from 'vitest';
import { createVerifier } from '../../sdk/src/verifier/verifier.ts';
import { settled } from './browser.ts';
import { onDatabase } from './fixture.ts';
import { expectHarmless, payloads } from './payloads.ts';

onDatabase('sqlite', 'strange texts', (fixture) => {
  test('do nothing in plans, usage, journal, verifiers or a first call [S88]', async () => {
    const { server } = fixture;
    const { core } = server;
    const [text = '', other = ''] = payloads;
    const tenant = await server.addOrganization('strange');
    const { page } = await fixture.signedIn(tenant.owner, '/get-started');
    const shown = payloads.slice(0, 12);
    const permissions = ['verify:credential', 'follow:feed'];
    const secrets: string[] = [];
    for (const [index, name] of shown.entries()) {
      const description = shown.at(-index) ?? name;
      const made = await core.createApiToken(tenant.owner.caller, {
        name: name.slice(0, 64),
        description,
        permissions,
      });
      secrets.push(made.secret);
      const headers = { authorization: `Bearer ${made.secret}`, 'user-agent': name.replace(/[^ -~]/g, '') };
      await fetch(`${server.url}/v1/check`, { headers });
    }
    await core.putPlan(server.asOwner, {
      id: 'strange',
      name: text,
      limits: [{ limit: 10, windowMs: 60_000, per: 'organization' }],
    });
    await core.updateOrganization(server.asOwner, tenant.id, { planId: 'strange' });
    const verifier = createVerifier({
      url: server.url,
      name: other.slice(0, 64),
      credential: { apiToken: secrets[0] ?? '' },
    });
    await verifier.ready();
    await page.getByText(/Your first call with .* has arrived/).waitFor();
    await expectHarmless(page);
    for (const [path, sign] of [
      ['/plans', text],
      ['/usage', text],
      ['/calls', text],
      ['/journal', text],
      [`/journal?search=${encodeURIComponent(text)}&actor=${encodeURIComponent(other)}`, other],
      ['/verifiers', other],
    ] as const) {
      await page.goto(server.url + path);
      await page.getByText(sign).filter({ visible: true }).first().waitFor();
      await settled(page);
      await expectHarmless(page);
    }
    await page.goto(`${server.url}/journal?search=${encodeURIComponent('onerror')}`);
    await page
      .getByRole('button', { name: /^Created an API token/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('Details').waitFor();
    await expectHarmless(page);
    await verifier.close();
    expect(secrets).toHaveLength(shown.length);
  });
});
