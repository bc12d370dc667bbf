// Other people's generator and client: types that openapi-typescript makes of what `keyward openapi` prints compile, as does a
// program on openapi-fetch that uses them, and the program works.

import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { runProgram } from './printed.ts';

const run = promisify(execFile);
const workspace = join(import.meta.dirname, 'client');
const required = createRequire(join(workspace, 'package.json'));
/** A program of a package of the workspace, whose TypeScript is another than the repository's. */
const programOf = (name: string, path: string) => join(dirname(required.resolve(`${name}/package.json`)), path);

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  // Where the workspace's packages are found.
  mkdirSync(join(workspace, '.setup'), { recursive: true });
  folder = mkdtempSync(join(workspace, '.setup', 'client-'));
  writeFileSync(join(folder, 'openapi.json'), runProgram('openapi', '--url', server.url));
  const generator = programOf('openapi-typescript', 'bin/cli.js');
  await run(process.execPath, [generator, 'openapi.json', '--output', 'schema.d.ts'], { cwd: folder });
  copyFileSync(join(workspace, 'create-and-verify.ts'), join(folder, 'program.ts'));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2024',
    types: ['node'],
    allowImportingTsExtensions: true,
  };
  const files = ['program.ts', 'schema.d.ts'];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
});
afterAll(async () => {
  await server?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['that of the generator', programOf('typescript', 'bin/tsc')],
  ['the newest', join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')],
])('the types that are generated from the description, and a client on them, compile with %s', async (_, compiler) => {
  const faults = run(process.execPath, [compiler, '-p', '.'], { cwd: folder }).then(
    () => '',
    (error) => error.stdout,
  );
  expect(await faults).toBe('');
});

test('the client creates a token and verifies it', async () => {
  const { secret } = await server.core.createApiToken(server.asOwner, { name: 'program', permissions: ['*:*'] });
  const program = await run(process.execPath, ['program.ts', server.url, secret], { cwd: folder });
  expect(JSON.parse(program.stdout)).toEqual({
    name: 'generated client',
    allowed: true,
    lacking: 'missing_permission',
    deleted: 204,
    after: false,
    oauth: 'invalid_client',
  });
});
