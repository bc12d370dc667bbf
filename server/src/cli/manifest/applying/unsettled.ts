// What was asked of a server and has brought a secret that nobody was told yet. It is written down before the question, so that
// a run that is killed, or whose answer is lost, costs no secret: the next run asks the same again, which the server answers as
// it did then, for a day (Idempotency-Key). No secret is in it.

import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../../../startup/private-folder.ts';
import { credentialsPath } from '../../session/credentials-file.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { Thing } from '../model/thing.ts';
import type { Call } from '../state/asking.ts';

export interface Unsettled {
  key: string;
  /** Milliseconds since the epoch. */
  at: number;
  thing: Omit<Thing, 'fields'>;
  call: Call;
}

export interface Ledger {
  /** From runs that ended before they were done, of this server; not older than what a server remembers. */
  left: readonly Unsettled[];
  begin(one: Unsettled): void;
  settle(key: string): void;
  /** Takes away what nothing is left of. */
  end(): void;
}

/** Where it cannot be written, a run goes on without: then a kill may cost a secret, and nothing else. */
export function openLedger({ environment }: Terminal, where: string, runId: string, now: number): Ledger {
  const folder = join(dirname(credentialsPath(environment)), 'apply');
  const server = createHash('sha256').update(where).digest('hex').slice(0, 16);
  const path = join(folder, `${server}-${process.pid}-${runId}.jsonl`);
  const before = filesIn(folder).filter((name) => name.startsWith(`${server}-`) && !isRunning(name));
  const left = before.flatMap((name) => unsettledIn(join(folder, name))).filter(({ at }) => now - at < rememberedMs);
  const settled = new Set<string>();
  let count = 0;
  const write = (line: object) => {
    try {
      if (count === 0) {
        makePrivateFolder(folder);
        writeFileSync(path, '', { mode: 0o600 });
      }
      count += 1;
      appendFileSync(path, `${JSON.stringify(line)}\n`);
    } catch {
      // See above.
    }
  };
  const begun = new Set<string>();
  return {
    left,
    begin(one) {
      begun.add(one.key);
      write(one);
    },
    settle(key) {
      settled.add(key);
      if (begun.has(key)) write({ settled: key });
    },
    end() {
      if (left.every(({ key }) => settled.has(key)))
        for (const name of before) rmSync(join(folder, name), { force: true });
      if ([...begun].every((key) => settled.has(key))) rmSync(path, { force: true });
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The process that writes the file may be at it still. */
function isRunning(name: string): boolean {
  const pid = Number(name.split('-')[1]);
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function unsettledIn(path: string): Unsettled[] {
  const open = new Map<string, Unsettled>();
  try {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue;
      const one = JSON.parse(line) as Unsettled & { settled?: string };
      if (one.settled === undefined) open.set(one.key, one);
      else open.delete(one.settled);
    }
  } catch {
    // Half a line is what was not asked yet.
  }
  return [...open.values()];
}

/** A server keeps its answers for a day; an hour is left for clocks that differ. */
const rememberedMs = 23 * 3_600_000;
