// How the portal is built: static files with hashed names, a nonce for the server to fill in, the licences of what is
// bundled, and a compressed copy of every file, so that the server compresses nothing itself.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { noticeOf } from '../server/third-party.ts';

/** Stands in the built page where the server puts the nonce of an answer. */
const nonce = '{{nonce}}';

/** What every form has: one file of these weighs less than one of each. */
const fields =
  /@mantine[\\/]core[\\/]esm[\\/]components[\\/](Input|InputBase|TextInput|PasswordInput|Alert)[\\/]|portal[\\/]src[\\/]parts[\\/]form\.tsx/;

export default defineConfig({
  root: import.meta.dirname,
  html: { cspNonce: nonce },
  // The SDK's sources, not what was last built of them.
  resolve: { conditions: ['keyward-source', ...defaultClientConditions] },
  plugins: [react(), nonceForInline(), noticeOf('THIRD-PARTY.txt') as unknown as Plugin, compressed()],
  build: {
    target: 'es2022',
    outDir: process.env.PORTAL_OUT ?? 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: ['index.html', 'reference.html'].map((name) => join(import.meta.dirname, name)),
      checks: { pluginTimings: false },
      output: {
        // Every page's list of what it loads is in the first script: names would be most of it.
        chunkFileNames: 'assets/c-[hash].js',
        codeSplitting: { groups: [{ name: 'fields', test: fields, includeDependenciesRecursively: false }] },
      },
    },
  },
});

/** Vite gives a nonce to the scripts that it makes, and none to one that is written in the page. */
function nonceForInline(): Plugin {
  return {
    name: 'nonce-for-inline',
    transformIndexHtml: { order: 'post', handler: (html) => html.replaceAll('<script>', `<script nonce="${nonce}">`) },
  };
}

function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir, config.build.assetsDir);
    },
    closeBundle() {
      for (const file of readdirSync(folder).filter((name) => /\.(?:js|css|svg)$/.test(name))) {
        const bytes = readFileSync(join(folder, file));
        writeFileSync(join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }));
        const params = { [zlib.BROTLI_PARAM_QUALITY]: 9, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        writeFileSync(join(folder, `${file}.br`), brotliCompressSync(bytes, { params }));
      }
    },
  };
}
