// `npm run bench -- P5 P7`: sets up and builds if need be, then measures with the Node that runs Keyward. Plain
// JavaScript, as it must run on whatever Node started npm; it measures nothing itself.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../scripts/build.js';
import { fromSources, main, root, run, ScriptError } from '../scripts/node.js';
import { npmCommand, setUp } from '../scripts/set-up.js';
import { fingerprint, isStamped, stamp } from '../scripts/stamp.js';

/** Figures in which others are measured too; bench/package.json says who. */
const withPeers = ['P14'];

await main(import.meta.url, async (args) => {
  const node = await setUp();
  if (!args.some((one) => one.startsWith('--keyward'))) await build(node);
  if (needsPeers(args)) await installPeers();
  return run(node, [...fromSources, join(root, 'bench', 'main.ts'), ...args]);
});

/** True if such a figure is named, or none at all, which means all of them. */
function needsPeers(args) {
  if (args.some((one) => one === '--help' || one.startsWith('--profile'))) return false;
  const named = args.filter((one) => /^P\d+$/.test(one));
  return named.length === 0 || withPeers.some((name) => named.includes(name));
}

async function installPeers() {
  const folder = join(root, 'bench');
  const wanted = fingerprint(['bench/package-lock.json']);
  if (isStamped('peers', wanted) && existsSync(join(folder, 'node_modules', '.package-lock.json'))) return;
  console.log('Installing what Keyward is compared with (once, under a minute) …');
  const npm = npmCommand();
  const code = await run(npm.command, [...npm.args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  });
  if (code !== 0)
    throw new ScriptError(`npm could not install them (its message is above). Without ${withPeers} all else works.`);
  stamp('peers', wanted);
}
