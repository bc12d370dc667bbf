// How the package is built: ESM and CommonJS with their types into dist/, rules bundled in, typebox left to npm. dist/ is
// the package as it is published: it gets a package.json of its own, because in this repository the exports are sources.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsdown';

const doors = ['index', 'wire', 'fastify', 'express', 'hono', 'node'] as const;

export default defineConfig({
  entry: doors.map((door) => `src/${door}.ts`),
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  tsconfig: '../tsconfig.json',
  clean: true,
  dts: true,
  sourcemap: false,
  report: false,
  // A package that is used but not declared would be bundled silently; this makes it an error.
  deps: { alwaysBundle: [/^@keyward\//], onlyBundle: [] },
  hooks: { 'build:done': writePackage },
});

/** The published package: what the workspace's package.json says, with exports that lead to what was built. */
function writePackage(): void {
  const root = import.meta.dirname;
  const {
    private: _,
    exports: __,
    devDependencies: ___,
    ...manifest
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const exportsOf = (door: string) => ({
    import: { types: `./${door}.d.mts`, default: `./${door}.mjs` },
    require: { types: `./${door}.d.cts`, default: `./${door}.cjs` },
  });
  const exports = Object.fromEntries([
    ...doors.map((door) => [door === 'index' ? '.' : `./${door}`, exportsOf(door)]),
    ['./package.json', './package.json'],
  ]);
  const published = { ...manifest, exports, main: './index.cjs', module: './index.mjs', types: './index.d.cts' };
  writeFileSync(join(root, 'dist', 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  copyFileSync(join(root, '..', 'LICENSE'), join(root, 'dist', 'LICENSE'));
  copyFileSync(join(root, '..', 'docs', 'sdk.md'), join(root, 'dist', 'README.md'));
}
