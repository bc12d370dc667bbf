// Both packages as `npm pack` makes them, installed into a fresh folder, from a registry on this machine that has what they
// declare: the server serves, and a program checks a call with the SDK.

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalRegistry, startLocalRegistry } from '../end-to-end/local-registry.ts';
import { build } from '../end-to-end/program.ts';
import { bash, freshPlace, type Place, root, run, whyNot } from '../end-to-end/run.ts';
import { type Served, serve } from '../end-to-end/shell.ts';

const noNpm = await whyNot('npm', ['--version']);
const manifest = (name: string) => JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));

const program = `
import { createClient, createVerifier } from '@keyward/sdk';
const { SERVER: url, CALLER: caller, VERIFIER: own } = process.env;
const client = createClient({ url, credential: { apiToken: caller }, exchange: 'none' });
const verifier = createVerifier({ url, credential: { apiToken: own } });
await verifier.ready();
const allowed = await verifier.verify(await client.token(), {});
const refused = await verifier.verify('kw_made-up', {});
console.log(allowed.allowed, allowed.principal?.name, refused.allowed, refused.reason);
await verifier.close();
`;

describe.skipIf(noNpm)(`the packages${noNpm === null ? '' : `: ${noNpm}`}`, () => {
  let place: Place;
  let registry: LocalRegistry;
  let served: Served | undefined;
  beforeAll(async () => {
    await build();
    registry = await startLocalRegistry();
    place = freshPlace();
    Object.assign(place.environment, {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      npm_config_registry: registry.url,
      npm_config_offline: 'false',
      npm_config_cache: join(place.folder, 'npm-cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    });
    const pack = `npm pack --workspace @keyward/server --workspace @keyward/sdk --pack-destination ${place.folder}`;
    expect(await bash(place, pack, { folder: root })).toMatchObject({ code: 0 });
    const install = 'npm install --ignore-scripts --prefix app ./keyward-server-*.tgz ./keyward-sdk-*.tgz';
    const installed = await bash(place, install);
    expect(installed, installed.errors).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await served?.stop();
    registry?.close();
    place?.remove();
  });

  const inApp = (...path: string[]) => join(place.folder, 'app', ...path);

  test('bring what they declare, and nothing of what they are built with', () => {
    for (const name of ['server', 'sdk']) {
      const { dependencies, devDependencies = {} } = manifest(name);
      expect([...registry.fetched]).toEqual(expect.arrayContaining(Object.keys(dependencies)));
      const built = Object.keys(devDependencies).filter((one) => one !== 'typebox');
      expect([...registry.fetched].filter((one) => built.includes(one))).toEqual([]);
    }
    const { packages } = JSON.parse(readFileSync(inApp('package-lock.json'), 'utf8'));
    const scripted = Object.values<{ hasInstallScript?: boolean }>(packages).filter((one) => one.hasInstallScript);
    expect(scripted).toEqual([]);
    const files = globSync('node_modules/@keyward/*/**/*', { cwd: inApp() });
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => /\.map$|(?<!\.d)\.[cm]?tsx?$|\.test\./.test(file))).toEqual([]);
  });

  test('the command says its version, serves, and the SDK checks calls against it', async () => {
    const command = inApp('node_modules', '.bin', 'keyward');
    expect((await run(place, command, ['--version'])).output).toContain(manifest('server').version);
    served = await serve(place, `exec ${command} serve --demo --port 0 --data ${join(place.folder, 'demo')}`);
    const { url } = served;
    const { owner } = JSON.parse(readFileSync(join(place.folder, 'demo', 'demo.json'), 'utf8'));
    const post = async (path: string, body: unknown, token?: string) => {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.ok, path).toBe(true);
      return (await answer.json()) as Record<string, string>;
    };
    const { accessToken } = await post('/v1/login', { email: owner.email, password: owner.password });
    const own = { name: 'orders API', permissions: ['verify:credential', 'follow:feed'] };
    const verifier = await post('/v1/tokens', own, accessToken);
    const caller = await post('/v1/tokens', { name: 'shop', permissions: [], use: 'direct' }, accessToken);
    writeFileSync(inApp('use.mjs'), program);
    const environment = { SERVER: url, CALLER: caller.secret, VERIFIER: verifier.secret };
    const ran = await run(place, process.execPath, [inApp('use.mjs')], { environment });
    expect(ran, ran.errors).toMatchObject({ code: 0, output: 'true shop false unknown\n' });
  });
});
