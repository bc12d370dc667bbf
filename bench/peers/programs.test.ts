// Hydra and Keycloak as rows, with stand-ins that speak their endpoints in their place: that they are started, set up and
// asked, not what they cost.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { p14 } from '../figures/p14.ts';
import type { Bench } from '../keyward.ts';
import { section } from '../results.ts';
import { compare } from './compare.ts';
import type { Peers } from './peer.ts';
import { leftOut, programsIn } from './programs.ts';

const root = join(import.meta.dirname, '..', '..');

describe.skipIf(process.platform !== 'linux')('programs of others', () => {
  let folder: string;
  let runs = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-bench-peers-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** A script at this path that runs the stand-in; `how` as in a shell. */
  function standIn(path: string, kind: 'hydra' | 'keycloak', how: 'exec ' | '' = 'exec '): string {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    const command = `"${process.execPath}" "${join(import.meta.dirname, 'stand-in.js')}" ${kind} "$@"`;
    writeFileSync(file, `#!/bin/sh\n${how}${command}\nexit $?\n`, { mode: 0o755 });
    return file;
  }

  function newBench(): Bench {
    runs += 1;
    const scratch = join(folder, `run-${runs}`);
    mkdirSync(scratch);
    const program = join(root, 'server', 'bin', 'keyward.js');
    return { rounds: 1, share: 0.002, big: false, program, scratch, profiles: null, progress: () => {} };
  }

  test('are measured against a check where their paths are given, each with its marks', async () => {
    const bench = newBench();
    standIn('keycloak/bin/kc.sh', 'keycloak');
    const environment = {
      KEYWARD_BENCH_HYDRA: standIn('hydra', 'hydra'),
      KEYWARD_BENCH_KEYCLOAK: join(folder, 'keycloak'),
    };
    const started: Peers[] = [];
    try {
      for (const { start } of programsIn(environment)) started.push(await start(bench));
      const rows = await compare(
        bench,
        started.flatMap(({ peers }) => peers),
      );
      expect(rows.map(({ work, budget }) => [work, budget?.floor, budget?.goal])).toEqual([
        ['Ory Hydra introspect opaque, SQLite / `GET /v1/check` of an API token', 20, 30],
        ['Ory Hydra introspect JWT, SQLite / `GET /v1/check` of a JWT', 50, 70],
        ['Ory Hydra introspect opaque, PostgreSQL / `GET /v1/check` of an API token', 20, 30],
        ['Ory Hydra introspect JWT, PostgreSQL / `GET /v1/check` of a JWT', 50, 70],
        ['Keycloak introspect, warm / `GET /v1/check` of a JWT', 40, 60],
      ]);
    } finally {
      await Promise.all(started.map((one) => one.stop()));
    }
    expect(leftOut(environment)).toEqual([]);
  });

  test('are refused where another process serves than the one whose cost is counted', async () => {
    const [{ start } = { start: undefined }] = programsIn({ KEYWARD_BENCH_HYDRA: standIn('wrapped', 'hydra', '') });
    await expect(start?.(newBench())).rejects.toThrow('let the script `exec` it');
  });

  test('say what they said when they do not start', async () => {
    const [{ start } = { start: undefined }] = programsIn({ KEYWARD_BENCH_HYDRA: standIn('other', 'keycloak') });
    await expect(start?.(newBench())).rejects.toThrow('The stand-in knows no keycloak serve all');
  });
});

test('a path at which there is no such program is refused, by the name of its variable', () => {
  expect(() => programsIn({ KEYWARD_BENCH_KEYCLOAK: root })).toThrow(
    `KEYWARD_BENCH_KEYCLOAK: there is no Keycloak at ${root}.`,
  );
});

describe('a run without the variables', () => {
  const words = [
    'Ory Hydra is left out: KEYWARD_BENCH_HYDRA is not set (the path of the hydra binary).',
    'Keycloak is left out: KEYWARD_BENCH_KEYCLOAK is not set (the path of the unpacked folder with bin/kc.sh).',
  ];

  test('leaves the programs out and writes so beside the results', () => {
    expect([programsIn({}), leftOut({})]).toEqual([[], words]);
    const text = section('P14', { ...p14, notes: leftOut({}) }, [], { rounds: 7, big: false });
    expect(text).toContain(`before the first round. ${words.join(' ')}\n`);
  });

  test('says so before it measures', async () => {
    const without = Object.entries(process.env).filter(([name]) => !name.startsWith('KEYWARD_BENCH_'));
    const args = ['--conditions=keyward-source', join(root, 'bench', 'main.ts'), 'P14', '--quick'];
    const run = spawn(process.execPath, args, {
      env: Object.fromEntries(without),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      let said = '';
      for await (const chunk of run.stderr) {
        said += chunk;
        if (words.every((one) => said.includes(`P14: ${one}\n`))) break;
      }
      for (const one of words) expect(said).toContain(`P14: ${one}\n`);
    } finally {
      run.kill();
    }
  });
});
