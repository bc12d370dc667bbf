// What the kernel says a process has cost: CPU time and memory, from /proc (Linux only). All threads count.

import { readFileSync } from 'node:fs';

export interface CpuTimes {
  /** Milliseconds of CPU of the process itself, user and system, in steps of 10. */
  own: number;
  /** The same of its children that have ended. */
  children: number;
}

/** Reads the text of /proc/<pid>/stat (proc_pid_stat(5)), where a command's name may hold anything, brackets too. */
export function parseStat(text: string): CpuTimes {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number) => Number(fields[field - 3]);
  return { own: (ticks(14) + ticks(15)) * msPerTick, children: (ticks(16) + ticks(17)) * msPerTick };
}

/** Linux has counted in hundredths of a second for user space since ever (USER_HZ). */
const msPerTick = 10;

export function cpuTimes(pid: number): CpuTimes {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`Process ${pid} has no memory: it has ended.`);
  return Number(kilobytes) * 1024;
}
