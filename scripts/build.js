// Builds what is not built or no longer matches its sources: the SDK as it is published, the portal's static files, and
// the server's bundle with those files in it. Tests and tools are in none of them.

import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { main, root, run, ScriptError, tool } from './node.js';
import { setUp } from './set-up.js';
import { fingerprint, isStamped, stamp } from './stamp.js';

const portalSources = [
  'package-lock.json',
  'rules/src',
  'portal/src',
  'portal/public',
  'portal/index.html',
  'portal/reference.html',
  'portal/vite.config.ts',
  'portal/package.json',
  'portal/tsconfig.json',
  'server/third-party.ts',
];

const sdkSources = ['package-lock.json', 'rules', 'sdk', 'tsconfig.json'];

const serverSources = [
  'package-lock.json',
  'rules',
  'sdk',
  'examples',
  'server/src',
  'server/package.json',
  'server/tsdown.config.ts',
  'server/third-party.ts',
];

/** What no build holds; changing it changes nothing. */
const tests = /\.test(-support)?\.tsx?$|\bconformance(-[a-z-]+)?\.ts$/;

/**
 * Builds with `node` unless the last build was of the same sources. Throws ScriptError if it fails. The SDK takes the
 * longest, and who only runs the server needs none.
 */
export async function build(node, { sdk = true } = {}) {
  const [isPortalNew, isServerNew] = await Promise.all([
    buildPortal(node),
    buildServer(node),
    ...(sdk ? [buildSdk(node)] : []),
  ]);
  if (isPortalNew || isServerNew || !existsSync(join(root, 'server/dist/portal'))) shipPortal();
}

/** The portal alone, into portal/dist; resolves with whether there was something to do. */
export function buildPortal(node) {
  return step('portal', portalSources, 'portal/dist/index.html', async () => {
    // Beside its place, then put there at once: a server that starts meanwhile finds the old files or the new ones.
    const fresh = join(root, '.setup', `portal-${process.pid}`);
    const env = { ...process.env, PORTAL_OUT: fresh, NODE_ENV: 'production' };
    const args = [tool('vite', 'vite'), 'build', '--logLevel', 'warn'];
    const code = await run(node, args, { cwd: join(root, 'portal'), env });
    if (code === 0) replace(join(root, 'portal', 'dist'), fresh);
    else rmSync(fresh, { recursive: true, force: true });
    return code;
  });
}

function buildServer(node) {
  return step('built', serverSources, 'server/dist/main.js', () => bundle(node, 'server', 'warn'));
}

function buildSdk(node) {
  return step('sdk', sdkSources, 'sdk/dist/index.mjs', () => bundle(node, 'sdk', 'error'));
}

function bundle(node, workspace, logLevel) {
  return run(node, [tool('tsdown', 'tsdown'), '--logLevel', logLevel], { cwd: join(root, workspace) });
}

/** Does `work` unless it was last done for the same sources and its result is there. */
async function step(name, sources, result, work) {
  const wanted = fingerprint(sources, (file) => !tests.test(file));
  if (isStamped(name, wanted) && existsSync(join(root, result))) return false;
  console.log(`Building ${result.split('/', 1)[0]} …`);
  if ((await work()) !== 0) throw new ScriptError('The build failed; its message is above.');
  stamp(name, wanted);
  return true;
}

function shipPortal() {
  const fresh = join(root, 'server', 'dist', `.portal-${process.pid}`);
  cpSync(join(root, 'portal', 'dist'), fresh, { recursive: true });
  replace(join(root, 'server', 'dist', 'portal'), fresh);
}

function replace(folder, fresh) {
  const old = `${fresh}-old`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
}

await main(import.meta.url, async () => {
  await build(await setUp());
  return 0;
});
