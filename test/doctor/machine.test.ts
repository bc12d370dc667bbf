// What an operator reads of `keyward doctor` on the server's own machine: everything is right, or one thing is wrong and the
// mend is named. The folder, the database and the files are real.

import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/cli/doctor/finding.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { day, faults, folder, inDatabase, keyward, sound, useCertificate } from './installation.ts';

describe('on the machine of a server', () => {
  test('says of each thing that it is right, and that nothing is wrong', async () => {
    await sound();
    const { code, output } = await keyward(['doctor'], { environment: { KEYWARD_PORT: '0' } });
    expect(output).toContain('Nothing is wrong');
    for (const check of ['settings', 'certificate', 'data folder', 'database', 'sealing keys', 'journal'])
      expect(output).toMatch(new RegExp(`^✓ ${check}`, 'm'));
    expect(code).toBe(0);
  });

  test('makes and changes nothing', async () => {
    await sound();
    // SQLite makes its -wal and -shm files for whoever reads.
    const files = () => readdirSync(join(folder, 'data')).filter((name) => !/-(?:wal|shm)$/.test(name));
    const before = files();
    await keyward(['doctor']);
    expect(files()).toEqual(before);
    await keyward(['doctor', '--data', join(folder, 'elsewhere')]);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });

  test.each([
    [
      'a certificate that ended',
      () => useCertificate({ validFrom: Date.now() - 9 * day, validTo: Date.now() - day }),
      { check: 'certificate', status: 'problem', text: expect.stringMatching(/expired on .* clients refuse it/) },
    ],
    [
      'a certificate that is not valid yet',
      () => useCertificate({ validFrom: Date.now() + day }),
      { check: 'certificate', status: 'problem', mend: expect.stringContaining('clock') },
    ],
    [
      'a certificate that ends soon',
      () => useCertificate({ validTo: Date.now() + 3 * day }),
      { check: 'certificate', status: 'warning', text: expect.stringMatching(/expires on/) },
    ],
    [
      'a private key that others may read',
      () => chmodSync(join(folder, 'key.pem'), 0o644),
      { check: 'certificate', status: 'warning', mend: expect.stringMatching(/chmod o= .*key\.pem/) },
    ],
    [
      'a certificate that is not there',
      () => rmSync(join(folder, 'cert.pem')),
      { check: 'certificate', status: 'problem', text: expect.stringMatching(/cert\.pem .*does not exist/) },
    ],
    [
      'a certificate of another key',
      () => writeFileSync(join(folder, 'key.pem'), selfSigned().key),
      { check: 'certificate', status: 'problem', text: expect.stringContaining('do not belong together') },
    ],
    [
      'no certificate and no proxy',
      () => rmSync(join(folder, 'keyward.yaml')),
      { check: 'certificate', status: 'problem', mend: expect.stringContaining('trustedProxies') },
    ],
    [
      'sealing keys that others may read',
      () => chmodSync(join(folder, 'data', 'secrets.key'), 0o644),
      { check: 'data folder', status: 'warning', mend: expect.stringMatching(/chmod 600 .*secrets\.key/) },
    ],
    [
      'sealing keys of another server',
      () => writeFileSync(join(folder, 'data', 'secrets.key'), generateSealingKeys()),
      { check: 'sealing keys', status: 'problem', text: expect.stringContaining('do not fit this database') },
    ],
    [
      'sealing keys that are gone',
      () => rmSync(join(folder, 'data', 'secrets.key')),
      { check: 'sealing keys', status: 'problem', text: expect.stringMatching(/secrets\.key is missing/) },
    ],
    [
      'a database without its newest tables',
      () => inDatabase('delete from schema_migrations where name = (select max(name) from schema_migrations)'),
      { check: 'database', status: 'problem', mend: expect.stringContaining('keyward migrate') },
    ],
    [
      'a file that is no database',
      () => writeFileSync(join(folder, 'data', 'keyward.db'), 'this is a text, and not a short one either'),
      { check: 'database', status: 'problem', text: expect.stringContaining('no database') },
    ],
    [
      'a folder in place of the data folder’s database',
      () => {
        rmSync(join(folder, 'data', 'keyward.db'));
        mkdirSync(join(folder, 'data', 'keyward.db'), { mode: 0o700 });
      },
      {
        check: 'database',
        status: 'problem',
        text: expect.stringMatching(/keyward\.db (is a folder|may not be read)/),
      },
    ],
    [
      'a database of a newer Keyward',
      () => inDatabase("insert into schema_migrations (name, timestamp) values ('9999-later', '2099')"),
      { check: 'database', status: 'problem', text: expect.stringContaining('newer Keyward') },
    ],
    [
      'a database that was moved elsewhere',
      () => inDatabase('update server_state set moved_at = 1'),
      { check: 'database', status: 'problem', text: expect.stringContaining('moved elsewhere') },
    ],
    [
      'what a restore has suspended',
      () => inDatabase('update users set suspended_at = 1, deactivated_at = 1'),
      { check: 'restore', status: 'warning', mend: expect.stringContaining('keyward restore release') },
    ],
    [
      'a file in place of the data folder',
      () => {
        rmSync(join(folder, 'data'), { recursive: true });
        writeFileSync(join(folder, 'data'), '');
      },
      { check: 'data folder', status: 'problem', mend: expect.stringContaining('--data') },
    ],
    [
      'no database',
      () => rmSync(join(folder, 'data', 'keyward.db')),
      { check: 'database', status: 'problem', mend: expect.stringContaining('keyward init') },
    ],
    [
      'a setting that does not exist',
      () => writeFileSync(join(folder, 'keyward.yaml'), 'prot: 8080\n'),
      { check: 'settings', status: 'problem', text: expect.stringContaining('prot') },
    ],
  ] as [string, () => void, Partial<Finding>][])('names %s, and the mend', async (_what, spoil, finding) => {
    await sound();
    spoil();
    expect(await faults()).toEqual([expect.objectContaining(finding)]);
  });

  test('finds an entry of the journal that was altered', async () => {
    await sound();
    const database = new Database(join(folder, 'data', 'keyward.db'));
    const triggers = database.prepare("select name from sqlite_master where type = 'trigger'").all() as {
      name: string;
    }[];
    for (const { name } of triggers) database.exec(`drop trigger "${name}"`);
    database.exec("update journal set action = 'nothing.happened' where seq = 1");
    database.close();
    const altered = { check: 'journal', status: 'problem', text: expect.stringContaining('Entry 1 was altered') };
    expect(await faults()).toEqual([expect.objectContaining(altered)]);
  });
});
