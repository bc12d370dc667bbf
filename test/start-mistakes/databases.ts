// Mistakes with PostgreSQL: what a real server refuses, and, for what the tests' own never refuses, a stand-in that
// answers as PostgreSQL does.

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import pg from 'pg';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { sharedPostgres } from '../postgres.ts';
import { init, keyward, type Mistake, type Prepared } from './mistake.ts';

const secrets = generateSealingKeys();
const mend = /KEYWARD_DATABASE|PostgreSQL/;

export const databases: readonly Mistake[] = [
  {
    name: 'a port on which nobody listens',
    prepare: () => given('postgres://me@127.0.0.1:9/keyward'),
    says: /keyward at 127\.0\.0\.1:9 \(setting database\).*nobody listens/,
    mend,
  },
  {
    name: 'a host that does not exist',
    prepare: () => given('postgres://me@nowhere.invalid/keyward'),
    says: /keyward at nowhere\.invalid:5432.*no host nowhere\.invalid/,
    mend,
  },
  { name: 'a server that does not answer', prepare: standIn(() => {}), says: /does not answer/, mend: /firewall/ },
  {
    name: 'a server that hangs up',
    prepare: standIn((socket) => socket.destroy()),
    says: /hung up/,
    mend: /another program/,
  },
  {
    name: 'a web server in its place',
    prepare: standIn((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    says: /127\.0\.0\.1/,
    mend: /KEYWARD_DATABASE|another program/,
  },
  {
    name: 'a wrong password',
    prepare: standIn(refusal('28P01', 'password authentication failed for user "me"')),
    says: /the password of the user me is wrong/,
    mend: /password in KEYWARD_DATABASE/,
  },
  {
    name: 'no password where one is asked for',
    prepare: standIn(asksScram, 'me'),
    says: /asks for a password of the user me/,
    mend: /user:password@host/,
  },
  {
    name: 'a user who may not come from here',
    prepare: standIn(refusal('28000', 'no pg_hba.conf entry for host "127.0.0.1"')),
    says: /does not let the user me in \(no pg_hba/,
    mend: /pg_hba\.conf of/,
  },
  {
    name: 'a server without a connection left',
    prepare: standIn(refusal('53300', 'sorry, too many clients already')),
    says: /no connection left/,
    mend: /max_connections/,
  },
  {
    name: 'a server that is starting',
    prepare: standIn(refusal('57P03', 'the database system is starting up')),
    says: /starting up/,
    mend: /in a moment/,
  },
  {
    name: 'a database that does not exist',
    prepare: async () =>
      given(
        await own((url) => {
          url.pathname = '/missing';
        }),
      ),
    says: /no database named missing/,
    mend: /createdb/,
  },
  {
    name: 'a user who does not exist',
    prepare: async () =>
      given(
        await own((url) => {
          url.username = 'nobody_here';
        }),
      ),
    says: /does not let the user nobody_here in/,
    mend: /user in KEYWARD_DATABASE/,
  },
  {
    name: 'TLS where the server has none',
    prepare: async () =>
      given(
        await own((url) => {
          url.search = '?sslmode=require';
        }),
      ),
    says: /does not speak TLS/,
    mend: /sslmode/,
  },
  {
    name: 'a certificate of an authority that is not there',
    prepare: async () =>
      given(
        await own((url) => {
          url.search = '?sslmode=verify-full&sslrootcert=/nowhere.pem';
        }),
      ),
    says: /file that its address names cannot be read .*nowhere\.pem/,
    mend: /sslrootcert/,
  },
  {
    name: 'another encoding than UTF8',
    prepare: () => made("encoding 'LATIN1' locale_provider libc lc_collate 'C' lc_ctype 'C' template template0"),
    says: /must be encoded in UTF8, not LATIN1/,
    mend: /createdb --encoding UTF8/,
  },
  {
    name: 'commits that are not kept',
    prepare: () => made('', 'alter database NAME set synchronous_commit = off'),
    says: /synchronous_commit is off/,
    mend: /set synchronous_commit = on/,
  },
  {
    name: 'a standby',
    prepare: () => made('', 'alter database NAME set default_transaction_read_only = on'),
    says: /takes no changes/,
    mend: /primary in KEYWARD_DATABASE/,
  },
  {
    name: 'a user with too few rights',
    prepare: fewRights,
    says: /the user guest_\w+ has too few rights/,
    mend: /owner/,
  },
  {
    name: 'the sealing keys of another server',
    prepare: otherKeys,
    says: /sealing keys do not fit this database/,
    mend: /KEYWARD_SECRETS/,
  },
  {
    name: "a head of another database's journal",
    files: { 'journal.head': JSON.stringify({ epoch: 'another', seq: 1, hash: '0'.repeat(64) }) },
    prepare: async () => {
      const { environment } = await founded();
      return { environment: { ...environment, KEYWARD_JOURNAL_HEAD: 'journal.head' } };
    },
    says: /not the one that was served last/,
    mend: /keyward restore --in-place/,
  },
  {
    name: 'init where there is an owner',
    prepare: async () => ({ ...(await founded()), args: init }),
    says: /has an owner already/,
    mend: /Sign in as that owner/,
  },
  {
    name: 'the database of the demo',
    prepare: demo,
    says: /database holds the data of the demo/,
    mend: /another KEYWARD_DATABASE/,
  },
];

function given(url: string, keys = secrets): Prepared {
  return { environment: { KEYWARD_DATABASE: url, KEYWARD_SECRETS: keys } };
}

/** A fresh database's address, changed. */
async function own(change: (url: URL) => void = () => {}): Promise<string> {
  const url = new URL(await (await sharedPostgres()).createDatabase());
  change(url);
  return url.href;
}

/** A new database with an owner of its server in it. */
async function founded(): Promise<Prepared> {
  const prepared = given(await own());
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const folder = mkdtempSync(`${tmpdir()}/keyward-founded-`);
  const answer = await keyward(folder, init, prepared.environment);
  rmSync(folder, { recursive: true });
  if (answer.code !== 0) throw new Error(answer.errors);
  return prepared;
}

async function otherKeys(): Promise<Prepared> {
  const { environment } = await founded();
  return given(environment?.KEYWARD_DATABASE ?? '', generateSealingKeys());
}

async function demo(): Promise<Prepared> {
  const prepared = given(await own());
  const { assemble } = await import('../../server/src/assemble.ts');
  const { loadConfig } = await import('../../server/src/config/config.ts');
  const { fillDemo } = await import('../../server/src/cli/demo/data.ts');
  const config = loadConfig({ logLevel: 'silent' }, prepared.environment ?? {}, '/');
  const server = await assemble(config, { demo: true });
  await fillDemo(server);
  await server.close();
  return prepared;
}

/** A database made in a certain way, and changed by a statement in which NAME is its name. */
async function made(options: string, then = ''): Promise<Prepared> {
  const { url } = await sharedPostgres();
  const name = `mistake_${Math.random().toString(36).slice(2, 10)}`;
  await statements(url, [`create database ${name} ${options}`, then.replace('NAME', name)]);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return given(address.href);
}

async function fewRights(): Promise<Prepared> {
  const address = new URL(await own());
  const user = `guest_${Math.random().toString(36).slice(2, 10)}`;
  await statements(address.href, [`create user ${user}`]);
  address.username = user;
  return {
    ...given(address.href),
    after: () => statements(address.href.replace(user, 'postgres'), [`drop user ${user}`]),
  };
}

async function statements(url: string, all: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of all.filter((one) => one !== '')) await client.query(statement);
  await client.end();
}

/** A listener that does one thing to whoever connects. */
function standIn(greet: (socket: Socket) => void, user = 'me:hunter2'): () => Promise<Prepared> {
  return async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      greet(socket);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const after = () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    return { ...given(`postgres://${user}@127.0.0.1:${port}/keyward`), after };
  };
}

/** ErrorResponse of PostgreSQL's protocol (version 3), once it is spoken to. */
function refusal(code: string, message: string): (socket: Socket) => void {
  return (socket) => {
    const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
    socket.once('data', () => socket.end(framed('E', fields)));
  };
}

/** AuthenticationSASL, and the server's first message if the client goes on. */
function asksScram(socket: Socket): void {
  const mechanisms = Buffer.concat([Buffer.from([0, 0, 0, 10]), Buffer.from('SCRAM-SHA-256\0\0')]);
  socket.once('data', () => {
    socket.write(framed('R', mechanisms));
    socket.once('data', (first: Buffer) => {
      const [, nonce = ''] = /r=([^,\0]+)/.exec(first.toString('latin1')) ?? [];
      const go = Buffer.from(`r=${nonce}server,s=c2FsdHNhbHQ=,i=4096`);
      socket.write(framed('R', Buffer.concat([Buffer.from([0, 0, 0, 11]), go])));
    });
  });
}

function framed(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}
