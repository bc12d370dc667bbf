#!/usr/bin/env node
// The command `keyward`: turns away a Node that is too old before anything native is loaded (which would crash it), then
// runs the built program. Plain JavaScript on purpose, since an old Node must be able to read it.

const oldest = [22, 15];

async function start() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    fail(
      `Keyward needs Node ${oldest.join('.')} or newer, and this is Node ${process.versions.node}.`,
      'Install Node 24 (https://nodejs.org) and run the command again.',
    );
    return;
  }
  const { existsSync } = await import('node:fs');
  const program = new URL('../dist/main.js', import.meta.url);
  if (!existsSync(program)) {
    fail('Keyward is not built yet.', 'Run npm run build in the repository, then run the command again.');
    return;
  }
  await keepCompiledCode();
  await import(program.href);
}

// In the user's own folder: one that others may write to, as under /tmp, would let them put code into this process.
async function keepCompiledCode() {
  const [{ default: module }, { homedir }, { join }] = await Promise.all([
    import('node:module'),
    import('node:os'),
    import('node:path'),
  ]);
  module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keyward'));
}

function fail(problem, remedy) {
  console.error(`${problem}\n${remedy}`);
  process.exitCode = 1;
}

start();
