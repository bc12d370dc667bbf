// The command of the harness: which figures to measure, how often, and where the results go.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { p1 } from './figures/p1.ts';
import { p5 } from './figures/p5.ts';
import { p7 } from './figures/p7.ts';
import { p10 } from './figures/p10.ts';
import type { Bench } from './keyward.ts';
import { isPinned, moveToLoadCore } from './pinning.ts';
import { profile } from './profile.ts';
import { plain, section, withSection } from './results.ts';
import { keywardWorks } from './works.ts';

const figures: Readonly<Record<string, Figure>> = { P1: p1, P5: p5, P7: p7, P10: p10 };

const usage = `npm run bench -- [figures] [--rounds 7] [--keyward <file>] [--print]
  figures     ${Object.keys(figures).join(', ')}; all of them if none is named
  --rounds    how often each contestant is measured; below 7 nothing is written
  --keyward   another build's server/bin/keyward.js; nothing is written
  --print     prints the results only, and leaves bench/RESULTS.md alone
npm run bench -- --profile <work>
  prints where the server's CPU goes: ${Object.keys(keywardWorks).join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    keyward: { type: 'string' },
    print: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const rounds = Number(values.rounds);
const names = positionals.length === 0 ? Object.keys(figures) : positionals;
const work = values.profile === undefined ? null : keywardWorks[values.profile];

if (values.help || !(rounds >= 1) || names.some((name) => figures[name] === undefined) || work === undefined) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const scratch = mkdtempSync(join(tmpdir(), 'keyward-bench-run-'));
const bench: Bench = {
  rounds,
  program: resolve(values.keyward ?? here('../server/bin/keyward.js')),
  scratch,
  profiles: null,
  progress: (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`),
};
try {
  moveToLoadCore();
  if (work !== null) await printProfile(work);
  else for (const name of names) await measure(name);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(name: string): Promise<void> {
  const figure = figures[name];
  if (figure === undefined) return;
  if (!isPinned) console.error('Nothing is pinned to a core: taskset or a second core is missing.');
  const rows = await figure.measure(bench);
  bench.progress('');
  console.log(plain(name, rows));
  if (values.print || values.keyward !== undefined || rounds < 7) return;
  const file = here('RESULTS.md');
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, withSection(old, section(name, figure, rows, rounds)));
}

async function printProfile(chosen: NonNullable<typeof work>): Promise<void> {
  const { files, functions } = await profile(bench, chosen);
  for (const times of [files.slice(0, 40), functions.slice(0, 60)]) {
    console.log('µs of a request');
    for (const { place, us } of times) console.log(`${us.toFixed(2).padStart(8)}  ${place}`);
  }
}
