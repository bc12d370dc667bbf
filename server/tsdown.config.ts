// How the server is bundled: our own sources and the npm packages into dist/, since finding and reading a thousand small
// files is most of a start. What is native stays with npm, and what few starts need; nothing of the tests gets in.

import { defineConfig } from 'tsdown';
import about from './package.json' with { type: 'json' };
import { noticeOf } from './third-party.ts';

/** pg looks for native code of its own; the schema compilers are loaded at the first request that needs them. */
const left = [
  'better-sqlite3',
  '@node-rs/argon2',
  '@node-rs/bcrypt',
  'pg',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
];

/** What is bundled is declared for development alone, so that an update of it changes nothing that runs. */
const bundled = Object.keys(about.devDependencies);
const declared = [...bundled, ...Object.keys(about.dependencies)];

export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node22.15',
  outDir: 'dist',
  outExtensions: () => ({ js: '.js' }),
  tsconfig: '../tsconfig.json',
  clean: true,
  dts: false,
  sourcemap: false,
  inputOptions: { resolve: { conditionNames: ['keyward-source', 'node', 'import', 'module', 'default'] } },
  report: false,
  plugins: [noticeOf('THIRD-PARTY.txt')],
  deps: { alwaysBundle: isBundled, neverBundle: left, onlyBundle: false, onlyImport: left },
});

function isBundled(id: string, importer: string | undefined): boolean {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? id;
  const isOurs = importer !== undefined && !importer.includes('node_modules');
  if (isOurs && isPackage(id) && !declared.includes(name))
    throw new Error(`${importer} imports ${name}, which is not declared.`);
  return !left.includes(name);
}

function isPackage(id: string): boolean {
  return !/^(?:[./\0]|node:|@keyward\/|[A-Za-z]:)/.test(id);
}
