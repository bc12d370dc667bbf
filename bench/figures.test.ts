// Every figure once, to its end, with next to no requests: that it can be measured, not what comes out. Not those that
// need other people's packages, or minutes of waiting.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Row } from './figure.ts';
import { figures } from './figures/all.ts';
import type { Bench } from './keyward.ts';
import { hasNginx } from './nginx.ts';

const root = join(import.meta.dirname, '..');
const notHere = ['P10', 'P14'];

describe.skipIf(process.platform !== 'linux')('figures', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = {
      rounds: 1,
      share: 0.002,
      big: false,
      program: join(root, 'server', 'bin', 'keyward.js'),
      scratch: mkdtempSync(join(tmpdir(), 'keyward-bench-test-')),
      profiles: null,
      progress: () => {},
    };
  });
  afterAll(() => rmSync(bench.scratch, { recursive: true, force: true, maxRetries: 5 }));

  const names = Object.keys(figures).filter((name) => !notHere.includes(name));
  test.each(names)('%s can be measured', async (name) => {
    const rows = (await figures[name]?.measure(bench)) ?? [];
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ work }) => work)).size).toBe(rows.length);
    for (const judge of exact[name] ?? []) judge(rows);
  });
});

/** What does not depend on time comes out even so. */
const exact: Readonly<Record<string, ((rows: readonly Row[]) => void)[]>> = {
  P2: [
    (rows) => {
      if (hasNginx) expect(medianOf(rows, 'new connections from nginx to Keyward per 1,000 calls')).toBe(0);
    },
  ],
  P8: [(rows) => expect(rows.at(-1)?.value.median).toBe(1)],
  P9: [(rows) => expect(medianOf(rows, 'log lines per garbage token')).toBe(0)],
  P15: [
    (rows) => expect(medianOf(rows, 'one process, 64 in parallel: admitted / limit')).toBe(1),
    (rows) => expect(medianOf(rows, 'four nodes: the most admitted in any round / limit')).toBeLessThanOrEqual(1),
  ],
};

function medianOf(rows: readonly Row[], work: string): number {
  const row = rows.find((one) => one.work === work);
  if (row === undefined) throw new Error(`There is no row "${work}".`);
  return row.value.median;
}

describe('what Keyward is compared with', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

  test('runs on the same versions of what both use', () => {
    const peers: Record<string, string> = read('bench/package.json').dependencies;
    const own = {
      ...read('package.json').devDependencies,
      ...read('server/package.json').dependencies,
      ...read('server/package.json').devDependencies,
    };
    for (const name of ['better-sqlite3', 'express', 'fastify']) expect([name, peers[name]]).toEqual([name, own[name]]);
  });

  test('is pinned exactly, and its lockfile names no address', () => {
    expect(Object.values(read('bench/package.json').dependencies).join(' ')).not.toMatch(/[\^~*><]/);
    expect(readFileSync(join(root, 'bench', 'package-lock.json'), 'utf8')).not.toContain('"resolved"');
  });

  test('is installed for figures that exist', () => {
    const listed = /withPeers = (\[.*\])/.exec(readFileSync(join(root, 'bench', 'start.js'), 'utf8'))?.[1] ?? '[]';
    const names: string[] = JSON.parse(listed.replaceAll("'", '"'));
    expect(names).not.toEqual([]);
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(names));
  });

  test('is asked by scripts that can be read', () => {
    const folder = join(root, 'bench', 'contestants');
    for (const name of readdirSync(folder)) execFileSync(process.execPath, ['--check', join(folder, name)]);
  });
});
