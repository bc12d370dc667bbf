// A peer: better-auth with its API key plugin, asked on a bare node:http, so that nothing but it is measured. Run as
// `node better-auth.js sqlite|memory <folder> <count>`; it makes so many keys, each with a limit that no load can spend,
// writes them to keys.json in the folder, and then prints its address.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import Database from 'better-sqlite3';

const [kind, folder, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const hourMs = 3_600_000;

const database = new Database(join(folder, `better-auth-${kind}.db`));
// As Keyward has it, but for durability: here each verification is a write, and waiting for the disk is not compared.
database.pragma('journal_mode = wal');
database.pragma('synchronous = off');

/** Keys in this process, as its documentation does it with Redis; users stay in the database, and are not asked for. */
const map = new Map();
const memory = {
  get: (key) => map.get(key) ?? null,
  set: (key, value) => void map.set(key, value),
  delete: (key) => void map.delete(key),
};

const options = {
  database,
  baseURL: 'http://127.0.0.1',
  secret: 'only-for-measuring-0123456789abcdef',
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  logger: { disabled: true },
  ...(kind === 'memory' && { secondaryStorage: memory }),
  plugins: [
    apiKey({
      rateLimit: { enabled: true, timeWindow: hourMs, maxRequests: 1_000_000_000 },
      ...(kind === 'memory' && { storage: 'secondary-storage' }),
    }),
  ],
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);

const person = { email: 'owner@example.com', password: 'only for measuring', name: 'Owner' };
const { user } = await auth.api.signUpEmail({ body: person });
const keys = [];
while (keys.length < count) keys.push((await auth.api.createApiKey({ body: { userId: user.id } })).key);
writeFileSync(join(folder, 'keys.json'), JSON.stringify(keys));

const server = createServer(async (request, response) => {
  const key = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const { valid } = await auth.api.verifyApiKey({ body: { key } });
  response.writeHead(valid ? 200 : 401, { 'content-length': 0 });
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
