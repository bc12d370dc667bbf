// What the portal weighs: a first visit must not wait for pages that it does not show. Reads the build's manifest.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildPortal } from '../../scripts/build.js';

interface Chunk {
  file: string;
  src?: string;
  imports?: string[];
  dynamicImports?: string[];
}

const folder = join(import.meta.dirname, '../../portal/dist');

/** Bytes of script, gzip: P12 allows a first visit 200 kB and aims at 150. */
const goal = 150_000;
/** What a visit may cost that begins at a page deep inside, with its tables, menus and dialogs. */
const deep = 250_000;

await buildPortal(process.execPath);
const manifest: Record<string, Chunk> = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const pages = Object.keys(manifest).filter((name) => /^src\/pages\/(signed-out\/)?[a-z-]+\.tsx$/.test(name));

test.each([
  ['sign in', ['src/pages/signed-out/sign-in.tsx']],
  ['the start page', ['src/shell.tsx', 'src/pages/home.tsx']],
])('a first visit to %s loads what it shows and no more [P12]', (_what, entries) => {
  expect(weightOf('index.html', ...entries)).toBeLessThanOrEqual(goal);
});

test.each(pages)('a visit that begins at %s is no burden either', (page) => {
  expect(weightOf('index.html', 'src/shell.tsx', page)).toBeLessThanOrEqual(deep);
});

test('every page is loaded on its own', () => {
  expect(pages.length).toBeGreaterThan(15);
  expect([...closureOf('index.html')].filter((name) => name.startsWith('src/pages/'))).toEqual([]);
});

test('nothing of the wire schemas is in the bundle: of them the portal knows the types alone', () => {
  const modules = readFileSync(join(folder, 'THIRD-PARTY.txt'), 'utf8');
  expect(modules).toContain('react-dom ');
  expect(modules).not.toContain('typebox');
});

function weightOf(...entries: string[]): number {
  const names = new Set(entries.flatMap((entry) => [...closureOf(entry)]));
  return [...names].reduce((sum, name) => sum + statSync(join(folder, `${manifest[name]?.file}.gz`)).size, 0);
}

/** A chunk and all that is loaded with it. */
function closureOf(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const imported of manifest[name]?.imports ?? []) closureOf(imported, seen);
  return seen;
}
