// docs/mcp.md, followed step by step: what it has one type, the settings that it shows, and its program, as they are written but for
// addresses and a token. The client of the MCP SDK then signs in to what came of it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../server/src/config/config.ts';
import { blocksIn, readPage } from '../end-to-end/docs-page.ts';
import { bash, freePort, freshPlace, root, statusesIn, whyNot } from '../end-to-end/run.ts';
import { startServer } from '../server.ts';
import { signedIn } from '../wire/native/session-client.ts';
import { startClientHost } from '../wire/oauth2/client-host.ts';
import { apiTokenClient, claimsOf } from '../wire/oauth2/clients.ts';
import { providerOf, redirectUrl, signIn, textOf } from './mcp-client.ts';

const noCurl = await whyNot('curl', ['--version']);
const blocks = blocksIn(readPage('docs/mcp.md'));
const [commands, clients, program, routes] = blocks.map(({ text }) => text);

test('the page has commands, whom to let in, a program and a route of the gateway', () => {
  expect(blocks.map(({ language }) => language)).toEqual(['sh', 'yaml', 'js', 'yaml']);
});

test.skipIf(noCurl)(
  `the client of the MCP SDK signs in to what the page makes${noCurl ? `: ${noCurl}` : ''}`,
  async () => {
    const place = freshPlace();
    const host = await startClientHost();
    const resource = `http://127.0.0.1:${await freePort()}/mcp`;
    const ours = (text = '', url = '') =>
      text
        .replaceAll('https://notes.example.com/mcp', resource)
        .replaceAll('https://auth.example.com', url)
        .replaceAll('3001', new URL(resource).port)
        .replaceAll('claude.ai', `"${host.host}"`);
    writeFileSync(join(place.folder, 'keyward.yaml'), `${ours(clients)}${routes}`);
    const { clientMetadata, routes: guarded } = loadConfig({}, {}, place.folder);
    expect(guarded).toMatchObject([{ path: '/mcp', api: 'notes', permissions: ['read:notes'] }]);
    const server = await startServer({
      clock: { now: Date.now, advance: () => undefined },
      outbound: host.outbound,
      clientMetadata,
    });
    try {
      const [owner, guard] = [
        await apiTokenClient(server),
        await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] }),
      ];
      const environment = { ...place.environment, URL: server.url, TOKEN: owner.secret, KEYWARD_TOKEN: guard.secret };
      expect(statusesIn(await bash({ ...place, environment }, ours(commands)))).toEqual([201, 201, 201]);

      const folder = join(place.folder, 'notes');
      mkdirSync(folder);
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      writeFileSync(join(folder, 'notes.mjs'), ours(program, server.url));
      const running = spawn(process.execPath, ['notes.mjs'], { cwd: folder, env: environment });
      let output = '';
      for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (output += text));
      try {
        await expect.poll(() => output).toBe('listening\n');
        const provider = providerOf(host.client('/docs/client.json', { redirect_uris: [redirectUrl] }).id);
        const { client } = await signIn(await signedIn(server, server.owner), server, resource, provider);
        expect(textOf(await client.callTool({ name: 'list_notes' }))).toMatch(/^Water the plants, says /);
        const { access_token: token = '' } = (await provider.tokens()) ?? {};
        expect(claimsOf(token)).toMatchObject({ aud: resource, scope: 'read:notes' });
        await client.close();
      } finally {
        running.kill();
        await once(running, 'exit');
      }
    } finally {
      await server.stop();
      await host.stop();
      place.remove();
    }
  },
);
