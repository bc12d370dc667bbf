// What an operator reads of `keyward doctor` on the server's own machine: everything is right, or one thing is wrong and the
// mend is named. The folder, the database and the files are real.

import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createPlainServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { roomOn } from '../../server/src/cli/doctor/files.ts';
import type { Finding } from '../../server/src/cli/doctor/finding.ts';
import { run } from '../../server/src/cli/program.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { assembleAt, newPlace, type TestPlace } from '../assembled-server.ts';
import { freePort } from '../end-to-end/run.ts';
import { withoutRights } from '../start-mistakes/mistake.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;

async function keyward(args: readonly string[], { input = '', environment = {} as NodeJS.ProcessEnv } = {}) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const HOME = folder;
  const around = {
    KEYWARD_LOG_LEVEL: 'silent',
    HOME,
    KEYWARD_CREDENTIALS: join(folder, 'nobody.yaml'),
    ...environment,
  };
  const code = await run(args, { input: Readable.from([input]), output, errors, environment: around, folder });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

/** The findings that are not `ok`, each in plain words and with a mend. */
async function faults(given: NodeJS.ProcessEnv = {}) {
  // Of any free port nothing is said.
  const environment = { KEYWARD_PORT: '0', ...given };
  const { code, output, errors } = await keyward(['doctor', '--json', '--data', join(folder, 'data')], { environment });
  expect(errors).toBe('');
  const { healthy, findings } = JSON.parse(output) as { healthy: boolean; findings: Finding[] };
  const problems = findings.filter(({ status }) => status === 'problem');
  expect([code, healthy]).toEqual(problems.length === 0 ? [0, true] : [1, false]);
  for (const { text, mend } of problems) {
    expect(`${text} ${mend}`).not.toMatch(/^\s+at |\bError:|\[object|undefined|null|SQLITE_|\bE[A-Z]{4,}\b/m);
    expect(mend).toMatch(/\w/);
  }
  return findings.filter(({ status, check }) => status !== 'ok' && check !== 'disk');
}

function useCertificate(wanted: Parameters<typeof selfSigned>[0] = {}): void {
  const { cert, key } = selfSigned({ validTo: Date.now() + 90 * day, ...wanted });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'keyward.yaml'), 'tls: { cert: cert.pem, key: key.pem }\n');
}

/** A server with an owner and a certificate, of which nothing is wrong. */
async function sound(): Promise<void> {
  useCertificate();
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  cpSync(join(await foundation, 'data'), join(folder, 'data'), { recursive: true });
}
/** Made once, and copied. */
const foundation = (async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
  const founded = folder;
  const init = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin'];
  expect(await keyward(init, { input: 'a kettle on the mountain\n' })).toMatchObject({ code: 0 });
  return founded;
})();
afterAll(async () => rmSync(await foundation, { recursive: true, force: true }));

const inDatabase = (statement: string) => {
  const database = new Database(join(folder, 'data', 'keyward.db'));
  database.exec(statement);
  database.close();
};

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

describe('with PostgreSQL', () => {
  let place: TestPlace;
  afterEach(() => place.remove());
  const told = async (environment: NodeJS.ProcessEnv) => {
    const { code, output } = await keyward(['doctor', '--json'], { environment });
    const { findings } = JSON.parse(output) as { findings: Finding[] };
    return { code, output, findings, database: findings.filter(({ check }) => check === 'database') };
  };

  test('looks at version, answer time, durability and clock', async () => {
    place = await newPlace('postgres');
    useCertificate();
    const { findings } = await told(place.environment);
    expect(findings).toContainEqual({
      check: 'database',
      status: 'ok',
      text: expect.stringMatching(/^PostgreSQL \d+.*answers in \d+\.\d ms$/),
      mend: null,
    });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'clock', status: 'ok' }));
  });

  test('names one that nobody answers for, one that is not there, and one without tables, and no password', async () => {
    place = await newPlace('postgres', { isEmpty: true });
    useCertificate();
    const away = { ...place.environment, KEYWARD_DATABASE: 'postgres://keyward:hunter2secret@127.0.0.1:1/keyward' };
    const unreachable = await told(away);
    expect(unreachable.code).toBe(1);
    expect(unreachable.database).toEqual([
      expect.objectContaining({ text: expect.stringContaining('nobody listens on'), mend: expect.any(String) }),
    ]);
    expect(unreachable.output).not.toContain('hunter2secret');
    const other = new URL(place.databaseUrl ?? '');
    other.pathname = '/no_such_database';
    const { database } = await told({ ...place.environment, KEYWARD_DATABASE: other.href });
    expect(database[0]?.mend).toContain('createdb');
    expect((await told(place.environment)).database).toContainEqual(
      expect.objectContaining({ status: 'problem', mend: expect.stringContaining('keyward migrate') }),
    );
  });

  test('names one that takes no changes, and a settings file that shows its password to others', async () => {
    place = await newPlace('postgres');
    const { databaseUrl } = place;
    if (databaseUrl === null) throw new Error('There is no database.');
    const client = new pg.Client(databaseUrl);
    await client.connect();
    const name = new URL(databaseUrl).pathname.slice(1);
    await client.query(`alter database "${name}" set default_transaction_read_only = on`);
    await client.end();
    useCertificate();
    const withPassword = Object.assign(new URL(databaseUrl), { password: new URL(databaseUrl).password || 'unused' });
    const settings = `database: ${JSON.stringify(withPassword.href)}\ntls: { cert: cert.pem, key: key.pem }\n`;
    writeFileSync(join(folder, 'keyward.yaml'), settings, { mode: 0o644 });
    const { KEYWARD_DATABASE: _, ...others } = place.environment;
    const { database, findings } = await told(others);
    expect(database).toContainEqual(
      expect.objectContaining({ status: 'problem', text: expect.stringContaining('takes no changes') }),
    );
    const open = { check: 'permissions', status: 'warning', mend: expect.stringMatching(/chmod 600 .*keyward\.yaml/) };
    expect(findings).toContainEqual(expect.objectContaining(open));
  });
});

test('says what to name where there is neither a server nor a sign-in', async () => {
  const { code, errors } = await keyward(['doctor']);
  expect(code).toBe(2);
  expect(errors).toMatch(/--data.*--url.*keyward login/s);
});

describe('keyward config check', () => {
  test('shows what the settings came to, and no secret', async () => {
    useCertificate();
    const KEYWARD_SECRETS = generateSealingKeys();
    const KEYWARD_DATABASE = 'postgres://keyward:hunter2secret@db.example/keyward?sslmode=require';
    const { code, output } = await keyward(['config', 'check', '--json'], {
      environment: { KEYWARD_DATABASE, KEYWARD_SECRETS },
    });
    expect(code).toBe(0);
    const { valid, settings } = JSON.parse(output);
    expect(valid).toBe(true);
    expect(settings).toMatchObject({ port: 8080, secrets: 'set', database: expect.stringContaining('db.example') });
    expect(output).not.toContain('hunter2secret');
    expect(output).not.toContain(KEYWARD_SECRETS.trim());
  });

  test.each([
    ['a setting that does not exist', 'prot: 8080\n', /prot/],
    ['a value that cannot be used', 'port: eighty\n', /port/],
    ['a certificate that is not there', 'tls: { cert: no.pem, key: no.pem }\n', /no\.pem/],
    ['authorities that are not there', 'outbound: { ca: no.pem }\n', /no\.pem/],
  ])('refuses %s, and names it', async (_what, text, named) => {
    writeFileSync(join(folder, 'keyward.yaml'), text);
    const { code, errors } = await keyward(['config', 'check']);
    expect(code).toBeGreaterThan(0);
    expect(errors).toMatch(named);
    expect(errors).not.toContain('should not have happened');
  });

  test('refuses sealing keys that are none, as a start would', async () => {
    const { code, errors } = await keyward(['config', 'check'], { environment: { KEYWARD_SECRETS: './secrets.key' } });
    expect(code).toBe(1);
    expect(errors).toContain('$(cat secrets.key)');
  });

  test('takes the variables that are for other commands', async () => {
    useCertificate();
    const environment = { KEYWARD_PROFILE: 'staging', KEYWARD_TOKEN: 'x', KEYWARD_MOVE_TO: 'sqlite:elsewhere' };
    expect(await keyward(['config', 'check'], { environment })).toMatchObject({ code: 0 });
  });
});
