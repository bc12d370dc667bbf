// Verifiers: one that follows is listed while it does, and the last receipt tells how fast it heard.

import { expect, test } from 'vitest';
import { createVerifier } from '../../sdk/src/verifier/verifier.ts';
import { axeInBoth } from './browser.ts';
import { onDatabase } from './fixture.ts';

onDatabase('postgres', 'verifiers', (fixture) => {
  test('come and go on the page without a reload, and the last receipt names what was done', async () => {
    const { server } = fixture;
    const { page } = await fixture.signedIn(server.owner, '/verifiers');
    await page.getByRole('heading', { name: 'No verifier follows' }).waitFor();
    await page.getByText('No receipt was asked for since the server started.').waitFor();
    expect(await axeInBoth(page)).toEqual([]);

    const permissions = ['verify:credential', 'follow:feed'];
    const { secret } = await server.core.createApiToken(server.asOwner, { name: 'follower', permissions });
    const doomed = await server.core.createApiToken(server.asOwner, { name: 'doomed', permissions: ['*:*'] });
    const verifier = createVerifier({ url: server.url, name: 'orders-api', credential: { apiToken: secret } });
    await verifier.ready();
    const row = page.getByRole('row', { name: /orders-api/ });
    await row.getByText('Up to date').waitFor();
    const answer = await fetch(`${server.url}/v1/tokens/${doomed.token.id}/deactivate?receipt=2000`, {
      method: 'POST',
      headers: { authorization: `Bearer ${doomed.secret}` },
    });
    expect(answer.status).toBe(200);
    await page.getByText(`Deactivated an API token (${doomed.token.id})`).waitFor();
    await page.getByText('everyone: all 2, this server among them').waitFor();
    expect(await axeInBoth(page)).toEqual([]);
    await page.getByRole('link', { name: 'Show in the journal' }).click();
    await page.getByRole('dialog').getByText('api_token.deactivated').waitFor();
    await page.goBack();
    await verifier.close();
    await page.getByRole('heading', { name: 'No verifier follows' }).waitFor();
  });
});
