// The command of the harness: which figures to measure, how often, and where the results go.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figures } from './figures/all.ts';
import type { Bench } from './keyward.ts';
import { isPinned, moveToLoadCore } from './pinning.ts';
import { profile } from './profile.ts';
import { plain, section, withSection } from './results.ts';
import { keywardWorks } from './works.ts';

const usage = `npm run bench -- [figures] [--rounds 7] [--big] [--quick] [--keyward <file>] [--print]
  figures     ${Object.keys(figures).join(', ')}; all of them if none is named
  --rounds    how often each contestant is measured; below 7 nothing is written
  --big       also what takes minutes and gigabytes: P8 with ten million tokens
  --quick     a fiftieth of the requests and one round, to see that all works; nothing is written
  --keyward   another build's server/bin/keyward.js; nothing is written
  --print     prints the results only, and leaves bench/RESULTS.md alone
npm run bench -- --profile <work>
  prints where the server's CPU goes: ${Object.keys(keywardWorks).join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    big: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    keyward: { type: 'string' },
    print: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const rounds = values.quick ? 1 : Number(values.rounds);
const names = positionals.length === 0 ? Object.keys(figures) : positionals;
const work = values.profile === undefined ? null : keywardWorks[values.profile];

if (values.help || !(rounds >= 1) || names.some((name) => figures[name] === undefined) || work === undefined) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

// Every contestant has a listener that ends it with this process; P14 has a dozen of them.
process.setMaxListeners(50);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const scratch = mkdtempSync(join(tmpdir(), 'keyward-bench-run-'));
const bench: Bench = {
  rounds,
  share: values.quick ? 0.02 : 1,
  big: values.big,
  program: resolve(values.keyward ?? here('../server/bin/keyward.js')),
  scratch,
  profiles: null,
  progress: (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`),
};
// At every end, of whatever kind.
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
moveToLoadCore();
if (work !== null) await printProfile(work);
else for (const name of names) await measure(name);

async function measure(name: string): Promise<void> {
  const figure = figures[name];
  if (figure === undefined) return;
  if (!isPinned) console.error('Nothing is pinned to a core: taskset or a second core is missing.');
  for (const note of figure.notes ?? []) console.error(`${name}: ${note}`);
  const rows = await figure.measure(bench);
  bench.progress('');
  console.log(plain(name, rows));
  if (values.print || values.keyward !== undefined || rounds < 7) return;
  const file = here('RESULTS.md');
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, withSection(old, section(name, figure, rows, bench)));
}

async function printProfile(chosen: NonNullable<typeof work>): Promise<void> {
  const { files, functions } = await profile(bench, chosen);
  for (const times of [files.slice(0, 40), functions.slice(0, 60)]) {
    console.log('µs of a request');
    for (const { place, us } of times) console.log(`${us.toFixed(2).padStart(8)}  ${place}`);
  }
}
