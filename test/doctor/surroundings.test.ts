// What an operator reads of `keyward doctor` about what is around a server on its own machine: ports, settings, accounts, the clock, the
// disk, and a database that was copied back.

import { chmodSync, chownSync, copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createPlainServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { roomOn } from '../../server/src/cli/doctor/files.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { assembleAt } from '../assembled-server.ts';
import { freePort } from '../end-to-end/run.ts';
import { withoutRights } from '../start-mistakes/mistake.ts';
import { day, faults, folder, inDatabase, keyward, sound } from './installation.ts';

describe('on the machine of a server, by what is around it', () => {
  const others: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const other of others.splice(0)) await other.close();
  });
  const listening = async <T extends Server>(server: T) => {
    others.push(server);
    const KEYWARD_PORT = String(await freePort());
    await new Promise<void>((resolve) => server.listen(Number(KEYWARD_PORT), '127.0.0.1', resolve));
    return { KEYWARD_PORT };
  };

  test('says that nobody listens, where no server runs', async () => {
    await sound();
    const environment = { KEYWARD_PORT: String(await freePort()) };
    const stopped = { check: 'port', status: 'warning', text: expect.stringContaining('the server does not run') };
    expect(await faults(environment)).toEqual([expect.objectContaining(stopped)]);
  });

  test('sees that the server runs, and is in nobody’s way', async () => {
    await sound();
    rmSync(join(folder, 'keyward.yaml'));
    const KEYWARD_PORT = String(await freePort());
    const environment = { KEYWARD_PORT, KEYWARD_TRUSTED_PROXIES: '127.0.0.1' };
    const server = await assembleAt({ place: { folder, environment } });
    others.push({ close: () => server.close('the test is done') });
    await server.listen();
    expect(await faults(environment)).toEqual([]);
    const { output } = await keyward(['doctor'], { environment });
    expect(output).toMatch(/^✓ port +a Keyward answers on 127\.0\.0\.1, port \d+, and is ready$/m);
  });

  test.each([
    ['speaks HTTP', () => createServer((_request, response) => response.end('Hello'))],
    ['speaks no HTTP', () => createPlainServer((socket) => socket.end('220 mail.example.com ESMTP\r\n'))],
  ])('says that another program has the port, which %s', async (_what, open) => {
    await sound();
    rmSync(join(folder, 'keyward.yaml'));
    const environment = { ...(await listening(open())), KEYWARD_TRUSTED_PROXIES: '10.0.0.1' };
    expect(await faults(environment)).toEqual([
      expect.objectContaining({ check: 'port', status: 'problem', mend: expect.stringMatching(/ss -ltnp.*port/) }),
    ]);
  });

  test('names every setting that is wrong, in the file and in the environment', async () => {
    await sound();
    writeFileSync(join(folder, 'keyward.yaml'), 'prot: 8080\nurl: nowhere\n');
    const found = await faults({ KEYWARD_TRUSTED_PROXY: '10.0.0.1', KEYWARD_PROFILE: 'staging', KEYWARD_MOVE_TO: 'x' });
    expect(found.map(({ check, text }) => [check, text])).toEqual([
      ['settings', expect.stringMatching(/"prot"; did you mean "port"\?/)],
      ['settings', expect.stringMatching(/"KEYWARD_TRUSTED_PROXY"; did you mean "KEYWARD_TRUSTED_PROXIES"\?/)],
      ['settings', expect.stringMatching(/url must be an address like https:/)],
      ['credential', expect.stringContaining('no profile "staging"')],
    ]);
  });

  test('names a certificate of another name than the public address, and that nobody answers there', async () => {
    await sound();
    expect(await faults({ KEYWARD_URL: 'https://localhost:1' })).toEqual([
      expect.objectContaining({ check: 'certificate', text: expect.stringContaining('is not for localhost') }),
      expect.objectContaining({ check: 'server', text: expect.stringContaining('nobody listens there') }),
    ]);
  });

  test('names sealing keys in the environment that are others, and text that holds none', async () => {
    await sound();
    expect(await faults({ KEYWARD_SECRETS: generateSealingKeys() })).toEqual([
      expect.objectContaining({ check: 'sealing keys', text: expect.stringContaining('do not fit this database') }),
    ]);
    const file = { check: 'sealing keys', mend: expect.stringContaining('$(cat secrets.key)') };
    expect(await faults({ KEYWARD_SECRETS: './secrets.key' })).toEqual([expect.objectContaining(file)]);
  });

  test('recognises a database that was copied back, which would not be served [G19]', async () => {
    await sound();
    const [database, copy] = [join(folder, 'data', 'keyward.db'), join(folder, 'copy.db')];
    copyFileSync(database, copy);
    const made = ['roles', 'create', '--name', 'night', '--permissions', 'read:plan', '--data', join(folder, 'data')];
    expect(await keyward(made)).toMatchObject({ code: 0 });
    expect(await faults()).toEqual([]);
    for (const rest of ['-wal', '-shm']) rmSync(database + rest, { force: true });
    copyFileSync(copy, database);
    const older = { check: 'database', status: 'problem', mend: expect.stringContaining('keyward restore --in-place') };
    // As a copy by SQLite itself is, which is no fault.
    inDatabase('pragma journal_mode = delete');
    expect(await faults()).toEqual([expect.objectContaining(older)]);
  });

  test('says that the clock was set back since the newest change', async () => {
    await sound();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => now - day / 24);
    try {
      const late = { check: 'clock', status: 'warning', text: expect.stringContaining('s in the future') };
      expect(await faults()).toEqual([expect.objectContaining(late)]);
    } finally {
      vi.restoreAllMocks();
    }
  });

  test('sends another account to the one that runs the server, and never to keyward init', async () => {
    await sound();
    // As root has it: whoever runs the server has the folder, and somebody else looks.
    if (process.geteuid?.() !== 0) chmodSync(join(folder, 'data'), 0);
    const found = await withoutRights(folder, () => faults());
    chmodSync(join(folder, 'data'), 0o700);
    const barred = { check: 'data folder', status: 'problem', mend: expect.stringContaining('sudo -u') };
    expect(found.filter(({ check }) => check !== 'certificate')).toEqual([expect.objectContaining(barred)]);
  });

  test.skipIf(process.geteuid?.() !== 0)('names files that a command of root’s has left as its own', async () => {
    await sound();
    for (const name of ['', ...readdirSync(join(folder, 'data'))])
      chownSync(join(folder, 'data', name), 65_534, 65_534);
    chownSync(join(folder, 'data', 'secrets.key'), 0, 0);
    const foreign = {
      check: 'data folder',
      status: 'problem',
      mend: expect.stringMatching(/chown 65534 .*secrets\.key/),
    };
    expect(await faults()).toEqual([expect.objectContaining(foreign)]);
  });

  test.each([
    ['enough', { bavail: 1e6 }, 'ok', /^4\.1 GB left .*40 %/],
    ['little of a large one', { blocks: 1e9, bavail: 1e6 }, 'warning', /0 %/],
    ['next to nothing', { bavail: 1e4 }, 'problem', /41 MB/],
    ['nothing', { bavail: 0 }, 'problem', /0 %/],
    ['no room for another file', { ffree: 3 }, 'problem', /3 more files/],
    ['a file system that counts no files', { files: 0, ffree: 0 }, 'ok', /left on its disk/],
  ])('a disk with %s', (_what, given, status, text) => {
    const disk = { bsize: 4096, blocks: 2_500_000, bavail: 1e6, files: 1e6, ffree: 1e6, ...given };
    expect([...roomOn(disk)]).toEqual([
      expect.objectContaining({ check: 'disk', status, text: expect.stringMatching(text) }),
    ]);
  });
});
