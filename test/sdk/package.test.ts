// The package as `npm pack` makes it, used from a project of its own: as a module, with require, and by the compiler.

import { execFileSync } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../end-to-end/program.ts';
import { root } from '../end-to-end/run.ts';

const tool = (name: string) => join(root, 'node_modules', '.bin', name);
let project: string;
let installed: string;
let dist: string;

beforeAll(async () => {
  await build();
  project = realpathSync(mkdtempSync(join(tmpdir(), 'keyward-sdk-package-')));
  mkdirSync(join(project, 'node_modules', '@keyward'), { recursive: true });
  mkdirSync(join(project, 'node_modules', '@types'));
  execFileSync('npm', ['pack', '--workspace', '@keyward/sdk', '--pack-destination', project], {
    cwd: root,
    stdio: 'pipe',
  });
  installed = join(project, 'node_modules', '@keyward', 'sdk');
  dist = join(installed, 'dist');
  mkdirSync(installed);
  const [tarball = ''] = globSync('*.tgz', { cwd: project });
  execFileSync('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components', '1']);
  for (const name of ['typebox', 'undici-types', join('@types', 'node')]) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const entryPoints = ['fastify', 'express', 'hono', 'node'];

test('it works imported and required, and its types hold in both', () => {
  const imports = entryPoints
    .map((entryPoint) => `import { guard as ${entryPoint} } from '@keyward/sdk/${entryPoint}';`)
    .join('\n');
  const use = `const client: Client = createClient({ url: 'https://localhost', credential: { apiToken: 'kw_x' }, exchange: 'none' });
    client.token().then((token: string) => console.log(token, [${entryPoints.join(', ')}].map((one) => typeof one).join(), Problem.type));`;
  writeFileSync(
    join(project, 'a.mts'),
    `import { type Client, createClient } from '@keyward/sdk';\nimport { Problem } from '@keyward/sdk/wire';\n${imports}\n${use}`,
  );
  const requires = entryPoints.map(
    (entryPoint) =>
      `import ${entryPoint}Module = require('@keyward/sdk/${entryPoint}'); const ${entryPoint} = ${entryPoint}Module.guard;`,
  );
  writeFileSync(
    join(project, 'b.cts'),
    `import sdk = require('@keyward/sdk'); import wire = require('@keyward/sdk/wire');\n${requires.join('\n')}
    const { createClient } = sdk; const { Problem } = wire; type Client = sdk.Client;\n${use}`,
  );
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--outDir', '.'];
  execFileSync(tool('tsc'), [...options, 'a.mts', 'b.cts'], { cwd: project, stdio: 'inherit' });
  for (const file of ['a.mjs', 'b.cjs']) {
    const output = execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
    expect(output).toBe('kw_x function,function,function,function object\n');
  }
});

test('it needs one package at most, and that one for the wire alone', () => {
  const { dependencies, exports, peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['typebox']);
  expect(peerDependencies).toBeUndefined();
  expect(Object.keys(exports)).toEqual(['.', './wire', './fastify', './express', './hono', './node', './package.json']);
  const needing = globSync('*.{mjs,cjs}', { cwd: dist }).filter((file) => {
    const text = readFileSync(join(dist, file), 'utf8');
    const names = [...text.matchAll(/(?:from|require\()\s*["']([^"'.][^"']*)["']/g)].map(([, name]) => name);
    expect(names.filter((name) => name !== 'typebox' && !name?.startsWith('node:'))).toEqual([]);
    return names.includes('typebox');
  });
  expect(needing.sort()).toEqual(['wire.cjs', 'wire.mjs']);
});

test('it brings nothing of the server, of tests, or of this machine', () => {
  const files = globSync('**/*', { cwd: installed, exclude: ['dist'] }).concat(globSync('dist/*', { cwd: installed }));
  expect(files.filter((file) => /src|test|(?<!\.d)\.[cm]?ts$/.test(file))).toEqual([]);
  for (const file of globSync('dist/*', { cwd: installed })) {
    const text = readFileSync(join(installed, file), 'utf8');
    expect(text.includes(root) || /better-sqlite3|kysely|vitest/.test(text), file).toBe(false);
  }
});

test('each guard is forty lines of code at most', () => {
  for (const entryPoint of entryPoints) {
    const text = readFileSync(join(root, 'sdk', 'src', `${entryPoint}.ts`), 'utf8');
    const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*(\/\/|\/?\*)/.test(line));
    expect([entryPoint, lines.length <= 40]).toEqual([entryPoint, true]);
  }
});
