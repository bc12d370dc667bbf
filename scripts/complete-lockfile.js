// Completes package-lock.json after `npm install` (run it with `npm run complete-lockfile`): npm leaves out optional
// packages of other platforms that the registry in use does not have, and then refuses its own lockfile in `npm ci`.
// They are added as their parents name them, without a checksum, marked for their platform so that no other fetches them.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, root } from './node.js';

const systems = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
};
const platforms = { ...systems, win32: 'win32', windows: 'win32' };
const processors = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x'];

await main(import.meta.url, () => {
  const path = join(root, 'package-lock.json');
  const lockfile = JSON.parse(readFileSync(path, 'utf8'));
  const known = new Set(Object.keys(lockfile.packages).map((key) => key.split('node_modules/').at(-1)));
  const missing = Object.values(lockfile.packages).flatMap(({ optionalDependencies = {}, dev }) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !known.has(name))
      .map(([name, range]) => [`node_modules/${name}`, entry(name, range, dev)]),
  );
  const all = [...Object.entries(lockfile.packages), ...missing].sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(path, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(all) }, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} optional packages of other platforms added.`);
  return 0;
});

function entry(name, range, dev) {
  const words = name.split(/[/-]/);
  const os = words.map((word) => platforms[word]).filter(Boolean);
  const cpu = words.filter((word) => processors.includes(word));
  const libc = words.some((word) => word.startsWith('musl')) ? { libc: ['musl'] } : {};
  return { version: range.replace(/^[\^~]/, ''), cpu, ...(dev && { dev }), ...libc, optional: true, os };
}
