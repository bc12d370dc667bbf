// How the server is bundled: our own sources into dist/, npm packages left to npm. Nothing of the tests gets in.

import { defineConfig } from 'tsdown';

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
  sourcemap: true,
  report: false,
  // A package that is used but not declared would be bundled silently; this makes it an error.
  deps: { alwaysBundle: [/^@keyward\//], onlyBundle: [] },
});
