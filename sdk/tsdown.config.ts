// How the package is built: ESM and CommonJS with their types into dist/, rules bundled in, typebox left to npm. Whoever
// installs the package gets dist/ and nothing else; in this repository the condition `keyward-source` leads to the sources.

import { defineConfig } from 'tsdown';

const entryPoints = ['index', 'wire', 'fastify', 'express', 'hono', 'node'] as const;

export default defineConfig({
  entry: entryPoints.map((name) => `src/${name}.ts`),
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
});
