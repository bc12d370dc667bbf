// From the clone to a running service, as docs/install.md says it: its commands are run as they stand, with a registry on
// this machine in the place of npm's and folders of our own in the place of /opt and /var/lib.

import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { blocksIn, readPage } from './docs-page.ts';
import { type LocalRegistry, startLocalRegistry } from './local-registry.ts';
import { build } from './program.ts';
import { bash, freePort, freshPlace, type Place, root, run, statusesIn, whyNot } from './run.ts';
import { openShell, type Shell, serve } from './shell.ts';

const page = readPage('docs/install.md');
const blocks = blocksIn(page);
const unitFile = readFileSync(join(root, 'examples', 'deploy', 'keyward.service'), 'utf8');
const noNpm = await whyNot('npm', ['--version']);
const noSystemd = await whyNot('systemd-analyze', ['--version']);
const about = JSON.parse(readFileSync(join(root, 'server', 'package.json'), 'utf8'));

describe.skipIf(noNpm)(`docs/install.md${noNpm === null ? '' : `: ${noNpm}`}`, () => {
  let place: Place;
  let registry: LocalRegistry;
  let shell: Shell;
  const ours = (text: string) =>
    text
      .replaceAll('/opt/keyward', join(place.folder, 'opt'))
      .replaceAll('/var/lib/keyward', join(place.folder, 'state'))
      .replaceAll('/etc/keyward', place.folder);

  beforeAll(async () => {
    await build();
    registry = await startLocalRegistry();
    place = freshPlace();
    // Whatever is found here must come from what is installed below.
    Object.assign(place.environment, {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      npm_config_registry: registry.url,
      npm_config_offline: 'false',
      npm_config_cache: join(place.folder, 'npm-cache'),
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    });
    const { cert, key } = selfSigned();
    writeFileSync(join(place.folder, 'cert.pem'), cert);
    writeFileSync(join(place.folder, 'key.pem'), key);
    writeFileSync(join(place.folder, 'password.txt'), 'correct horse battery\n');
    shell = openShell(place);
  });
  afterAll(() => {
    shell?.close();
    registry?.close();
    place?.remove();
  });

  test('the clone makes the one file that the page names', async () => {
    const [first] = blocks;
    expect([first?.note, first?.text.split('\n')[0]]).toEqual(['in the clone', 'npm run build']);
    const pack = `${first?.text.split('\n')[1]} --pack-destination ${place.folder}`;
    expect(await bash(place, pack, { folder: root })).toMatchObject({ code: 0 });
    const name = `keyward-server-${about.version}.tgz`;
    expect(globSync('*.tgz', { cwd: place.folder })).toEqual([name]);
    expect(page).toContain(name);
  });

  test('the file installs, founds a server and serves it as the unit says', async () => {
    const commands = blocks.filter(({ language, note }) => language === 'sh' && note === '');
    for (const { text, line } of commands.slice(0, -1)) {
      const ran = await shell.run(ours(text));
      expect(ran, `docs/install.md, line ${line}:\n${ran.errors}`).toMatchObject({ code: 0 });
      if (text.includes('--version')) expect(ran.output).toContain(about.version);
    }
    const declared = Object.keys(about.dependencies);
    expect([...registry.fetched]).toEqual(expect.arrayContaining(declared));
    expect([...registry.fetched].filter((name) => name in about.devDependencies)).toEqual([]);

    const unit = ours(unitFile);
    const settings = [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, setting]) => setting);
    const [, start = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const port = await freePort();
    const exported = settings.map((setting) => `export ${setting}`.replace('8443', String(port))).join('\n');
    const served = await serve(place, `${exported}\nexec ${start}`);
    try {
      const [ready = ''] = commands.at(-1)?.text.split('\n') ?? [];
      const address = `https://127.0.0.1:${port}`;
      const asked = ready.replace('curl ', 'curl --cacert cert.pem ').replace('https://auth.example.com', address);
      const ran = await bash(place, asked);
      expect([ran.output, statusesIn(ran)]).toEqual(['{"status":"ready"}', [200]]);
    } finally {
      await served.stop();
    }
  });

  test('what is installed runs the demo, and nothing of it needs this clone', async () => {
    const command = join(place.folder, 'opt', 'bin', 'keyward');
    const served = await serve(place, `exec ${command} serve --demo --port 0 --data ${join(place.folder, 'demo')}`);
    try {
      expect((await fetch(`${served.url}/public/status`)).status).toBe(200);
      expect((await fetch(`${served.url}/`)).headers.get('content-type')).toContain('text/html');
    } finally {
      await served.stop();
    }
    const files = globSync('lib/node_modules/@keyward/server/{bin,dist}/**/*.js', { cwd: join(place.folder, 'opt') });
    expect(files.length).toBeGreaterThan(10);
    const mentioning = files.filter((file) => readFileSync(join(place.folder, 'opt', file), 'utf8').includes(root));
    expect(mentioning).toEqual([]);
  });

  test('the commands for root, Docker and a cluster are such that a shell reads them, of files that there are', async () => {
    const elsewhere = blocks.filter(({ note }) => ['as root', 'with Docker', 'with a cluster'].includes(note));
    expect(elsewhere).toHaveLength(4);
    for (const { text } of elsewhere) {
      expect(await run(place, 'bash', ['-n', '-c', text])).toMatchObject({ code: 0, errors: '' });
      for (const [path] of text.matchAll(/examples\/[\w./-]*\w/g))
        expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    }
  });

  test.skipIf(noSystemd)('the unit is one that systemd reads', async () => {
    const file = join(place.folder, 'keyward.service');
    writeFileSync(file, unitFile.replaceAll('/opt/keyward/bin/keyward', '/bin/true').replace('User=keyward\n', ''));
    const { code, errors } = await run(place, 'systemd-analyze', ['verify', file]);
    expect([code, errors.split('\n').filter((line) => line.includes('keyward.service'))]).toEqual([0, []]);
  });

  test.skipIf(noSystemd)('the unit exposes no more than 2.5 of 10, as the page says', async () => {
    const file = join(root, 'examples', 'deploy', 'keyward.service');
    const { code, output } = await run(place, 'systemd-analyze', [
      'security',
      '--offline=true',
      '--threshold=25',
      file,
    ]);
    expect([code, output.split('\n').at(-2)]).toEqual([0, expect.stringContaining('exposure level')]);
  });
});

describe.skipIf(noNpm)('what is packed for others', () => {
  test.each([
    ['@keyward/server', ['bin/keyward.js', 'dist/main.js', 'dist/portal/index.html', 'dist/THIRD-PARTY.txt']],
    ['@keyward/sdk', ['dist/index.mjs', 'dist/index.cjs', 'dist/index.d.mts']],
  ])('%s holds what is built, its licence and a page, and nothing of sources, tests or maps', async (name, needed) => {
    await build();
    const args = ['pack', '--dry-run', '--json', '--workspace', name];
    const [{ files }] = JSON.parse(
      execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    const paths: string[] = files.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', ...needed]));
    expect(paths.filter((path) => /\.map$|(?<!\.d)\.[cm]?tsx?$|test/.test(path))).toEqual([]);
    const folder = name.replace('@keyward/', '');
    expect(readFileSync(join(root, folder, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
  });

  test('of what the server declares nothing is bundled as well, so that an update changes what runs', () => {
    const bundled = readFileSync(join(root, 'server', 'dist', 'THIRD-PARTY.txt'), 'utf8');
    for (const name of Object.keys(about.dependencies)) {
      expect([name, new RegExp(`^${name.replace('/', '\\/')} \\d`, 'm').test(bundled)]).toEqual([name, false]);
    }
  });
});
