// Mistakes with the data folder, its files and the port: in the wrong place, of the wrong kind, damaged, somebody else's.

import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { assemble } from '../../server/src/assemble.ts';
import { fillDemo } from '../../server/src/cli/demo/data.ts';
import { writeDemoFile } from '../../server/src/cli/demo/file.ts';
import { loadConfig } from '../../server/src/config/config.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { init, keyward, type Mistake, type MistakePlace } from './mistake.ts';

const instead = /--data/;

export const folders: readonly Mistake[] = [
  {
    name: 'a file for the data folder',
    args: ['--data', 'file'],
    files: { file: 'x' },
    says: /data folder .*file is a file/,
    mend: instead,
  },
  {
    name: 'a data folder below a file',
    args: ['--data', 'file/data'],
    files: { file: 'x' },
    says: /data folder .*file\/data .*file/,
    mend: instead,
  },
  { name: 'a data folder in /proc', args: ['--data', '/proc/x'], says: /data folder \/proc\/x/, mend: instead },
  { name: 'a data folder in /sys', args: ['--data', '/sys/x/y'], says: /data folder \/sys\/x\/y/, mend: instead },
  { name: 'a name that is too long', args: ['--data', 'x'.repeat(300)], says: /data folder .*too long/, mend: instead },
  {
    name: 'a link that leads in a circle',
    args: ['--data', 'a'],
    prepare: ({ path }) => void symlinkSync('a', path('a')),
    says: /data folder .*\/a /,
    mend: instead,
  },
  {
    name: 'a data folder that this account may not make',
    asNobody: true,
    prepare: ({ folder }) => void chmodSync(folder, 0o555),
    says: /data folder .* may not be used by this account/,
    mend: /chown[\s\S]*--data/,
  },
  {
    name: 'a data folder that this account may not write',
    asNobody: true,
    prepare: ({ path }) => void mkdirSync(path('data'), { mode: 0o555 }),
    says: /data folder .* may not be used by this account/,
    mend: /chown[\s\S]*--data/,
  },
  {
    name: 'a lost sealing key',
    prepare: after(({ path }) => rmSync(path('data/secrets.key'))),
    says: /secrets\.key is missing/,
    mend: /backup/,
  },
  {
    name: 'an empty sealing key',
    prepare: after(({ path }) => writeFileSync(path('data/secrets.key'), '')),
    says: /sealing keys in .*secrets\.key .*no sealing key/,
    mend: /backup/,
  },
  {
    name: 'a folder for the sealing key',
    prepare: ({ path }) => void mkdirSync(path('data/secrets.key'), { recursive: true }),
    says: /sealing keys .*secrets\.key is a folder/,
    mend: instead,
  },
  {
    name: 'the sealing key of another server',
    prepare: after(({ path }) => writeFileSync(path('data/secrets.key'), generateSealingKeys())),
    says: /sealing keys do not fit this database: 3 of its 3 .* sealed with [0-9a-f]{8}/,
    mend: /Put these keys back \(secrets\.key/,
  },
  {
    name: 'another secret under the id of the right sealing key',
    prepare: after(({ path }) => {
      const [, id = ''] = /^([0-9a-f]{8}):/m.exec(readFileSync(path('data/secrets.key'), 'utf8')) ?? [];
      writeFileSync(path('data/secrets.key'), generateSealingKeys().replace(/^[0-9a-f]{8}:/m, `${id}:`));
    }),
    says: /sealing keys do not fit this database/,
    mend: /Put these keys back/,
  },
  {
    name: 'the database alone, from a backup that is damaged',
    files: { 'data/keyward.db': 'garbage, as long as a header' },
    says: /keyward\.db is damaged, or no database/,
    mend: /backup.*secrets\.key/,
  },
  {
    name: 'a damaged database beside its key',
    prepare: after(({ path }) => writeFileSync(path('data/keyward.db'), Buffer.alloc(5000, 7))),
    says: /keyward\.db is damaged/,
    mend: /backup/,
  },
  {
    name: 'a database that is damaged inside',
    prepare: after(damageInside),
    says: /keyward\.db is damaged/,
    mend: /backup/,
  },
  {
    name: 'a folder for the database',
    prepare: ({ path }) => void mkdirSync(path('data/keyward.db'), { recursive: true }),
    says: /keyward\.db is a folder/,
    mend: instead,
  },
  {
    name: 'the database of a newer Keyward',
    prepare: after(({ path }) => {
      const database = new Sqlite(path('data/keyward.db'));
      database.exec("insert into schema_migrations (name, timestamp) values ('9999-later', '2099')");
      database.close();
    }),
    says: /newer Keyward/,
    mend: /Run that version/,
  },
  {
    name: 'a database that this account may not read',
    asNobody: true,
    prepare: after(({ path }) => {
      chmodSync(path('data'), 0o777);
      chmodSync(path('data/secrets.key'), 0);
    }),
    says: /(secrets\.key|keyward\.db) may not be used by this account/,
    mend: /chown/,
  },
  {
    name: 'a folder that another Keyward has open',
    prepare: inUse,
    says: /Another Keyward is running on this data folder/,
    mend: /Stop it first/,
  },
  {
    name: 'init where there is an owner',
    args: init,
    prepare: after(() => {}),
    says: /has an owner already/,
    mend: instead,
  },
  {
    name: "the demo's folder, to serve it as real",
    prepare: demo,
    says: /data folder .* holds the data of the demo/,
    mend: /--data[\s\S]*serve --demo/,
  },
  {
    name: "the demo's folder, to make it one's own",
    args: init,
    prepare: demo,
    says: /data folder .* holds the data of the demo/,
    mend: /--data/,
  },
  {
    name: "the demo's folder without its demo.json",
    prepare: async (place) => {
      await demo(place);
      rmSync(place.path('data/demo.json'));
      return undefined;
    },
    says: /data folder .* holds the data of the demo/,
    mend: /--data/,
  },
  {
    name: 'a real folder for the demo',
    args: ['--demo'],
    prepare: after(() => {}),
    says: /no demo\.json that fits/,
    mend: instead,
  },
  {
    name: 'a journal to check where there is none',
    args: ['journal', 'verify', '--data', 'none'],
    says: /no database in .*none/,
    mend: instead,
  },
];

export const ports: readonly Mistake[] = [
  { name: 'a port that is taken', prepare: takenPort, says: /port \d+: the port is taken/, mend: /--port 9000/ },
  {
    name: 'an address that this machine does not have',
    args: ['--host', '192.0.2.1'],
    says: /192\.0\.2\.1, port 0: this machine does not have/,
    mend: /--host/,
  },
  {
    name: 'a host that does not exist',
    args: ['--host', 'nowhere.invalid'],
    says: /nowhere\.invalid, port 0: .*(no such host|looked up)/,
    mend: /--host/,
  },
];

/** What is done to the folder of a server that was founded and stopped. */
export function after(change: (place: MistakePlace) => void): NonNullable<Mistake['prepare']> {
  return async (place) => {
    founded ??= keep(async (folder) => {
      const made = await keyward(folder, init);
      if (made.code !== 0) throw new Error(made.errors);
    });
    cpSync(join(await founded, 'data'), place.path('data'), { recursive: true });
    change(place);
    return undefined;
  };
}
let founded: Promise<string> | undefined;

/** Fills the folder as `serve --demo` does. */
async function demo({ path }: MistakePlace): Promise<undefined> {
  filled ??= keep(async (folder) => {
    const server = await assemble(loadConfig({ logLevel: 'silent' }, {}, folder), { demo: true });
    writeDemoFile(join(folder, 'data'), await fillDemo(server));
    await server.close();
  });
  cpSync(join(await filled, 'data'), path('data'), { recursive: true });
}
let filled: Promise<string> | undefined;

/** Made once, copied for each mistake, and gone with the process. */
async function keep(fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-mistakes-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await fill(folder);
  return folder;
}

/** Everything behind the first page, which holds the header and the list of tables. */
function damageInside({ path }: MistakePlace): void {
  const file = path('data/keyward.db');
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 7)]));
}

async function inUse({ folder }: MistakePlace) {
  const server = await assemble(loadConfig({ logLevel: 'silent' }, {}, folder), { demo: false });
  return { after: () => server.close() };
}

async function takenPort() {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const { port } = other.address() as AddressInfo;
  return { args: ['serve', '--port', String(port)], after: () => other.close() };
}
