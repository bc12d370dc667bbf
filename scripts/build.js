// Builds what is not built or no longer matches its sources: the server's bundle, for now. Tests and tools are not in it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main, root, run, ScriptError, tool } from './node.js';
import { setUp } from './set-up.js';
import { fingerprint, isStamped, stamp } from './stamp.js';

const sources = [
  'package-lock.json',
  'rules',
  'sdk',
  'examples',
  'server/src',
  'server/package.json',
  'server/tsdown.config.ts',
  'server/third-party.ts',
];

/** What the bundle never holds; changing it changes nothing. */
const tests = /\.test(-support)?\.ts$|\bconformance(-[a-z-]+)?\.ts$/;

/** Builds with `node` unless the last build was of the same sources. Throws ScriptError if it fails. */
export async function build(node) {
  const wanted = fingerprint(sources, (file) => !tests.test(file));
  if (isStamped('built', wanted) && existsSync(join(root, 'server', 'dist', 'main.js'))) return;
  console.log('Building …');
  const code = await run(node, [tool('tsdown', 'tsdown'), '--logLevel', 'warn'], { cwd: join(root, 'server') });
  if (code !== 0) throw new ScriptError('The build failed; its message is above.');
  stamp('built', wanted);
}

await main(import.meta.url, async () => {
  await build(await setUp());
  return 0;
});
