// Time as a promise means it, on a machine that does other things as well: a thread of its own does the same small piece
// of work again and again beside the test, and what it was kept waiting meanwhile is no fault of what is measured. On a
// machine with nothing else to do it is the time of the clock. What is a matter of processor time alone is held to a
// bound for the machine that the figures are of, by how much slower this one is at that piece of work.

import { readFileSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { expect } from 'vitest';

/** What the piece of work takes on the machine of the figures. */
const workMs = 0.65;
const slotMs = 50;
/** Half an hour of them, after which the oldest are overwritten. */
const slots = 36_000;
/** By slot, the milliseconds that the thread was kept waiting in it. */
let kept: Float64Array | undefined;
/** How long the piece of work takes here, when nothing comes between. */
let alone: Float64Array | undefined;
let watching: Promise<void> | undefined;

/** Begins to watch, once for the file; resolves when the thread knows how long its work takes by itself. */
export function watchMachine(): Promise<void> {
  watching ??= new Promise((resolve, reject) => {
    const memory = new SharedArrayBuffer((slots + 1) * Float64Array.BYTES_PER_ELEMENT);
    kept = new Float64Array(memory, 0, slots);
    alone = new Float64Array(memory, slots * Float64Array.BYTES_PER_ELEMENT);
    const worker = new Worker(control, {
      eval: true,
      workerData: { memory, slots, slotMs, pid: isMainThread ? process.pid : null },
    });
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.unref();
  });
  return watching;
}

/** How long a thread was kept waiting between two moments of `performance.now()`; 0 if nobody watches. */
export function keptWaitingMs(from: number, to = performance.now()): number {
  if (kept === undefined) return 0;
  const slotOf = (at: number) => Math.floor((performance.timeOrigin + at) / slotMs);
  let sum = 0;
  for (let slot = slotOf(from); slot <= slotOf(to); slot += 1) sum += kept[slot % slots] ?? 0;
  return Math.min(sum, to - from);
}

/** How long the first thread of another process was ready to run and did not get its turn; 0 where the system does not tell. */
export function queuedMsOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
}

/** The milliseconds from one moment to another in which the machine had time for the test. */
export function machineMs(from: number, to = performance.now()): number {
  return to - from - keptWaitingMs(from, to);
}

/** How many times as long this machine takes for the same work as that of the figures; 1 if it is as fast. */
export async function slowness(): Promise<number> {
  await watchMachine();
  return Math.max(1, (alone?.[0] ?? workMs) / workMs);
}

/** The least that something takes of several times, which is what it takes when nobody else is at work. */
export async function fastestMs(act: () => unknown, times = 5): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n += 1) {
    const began = performance.now();
    await act();
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
}

/** Does something, mostly a wait for a condition, and holds it to the promised time. Answers what it took. */
export async function within(promisedMs: number, act: () => PromiseLike<unknown>): Promise<number> {
  await watchMachine();
  const began = performance.now();
  await act();
  const took = machineMs(began);
  expect(took, `of ${Math.round(performance.now() - began)} ms by the clock`).toBeLessThanOrEqual(promisedMs);
  return took;
}

// A little work in every ten milliseconds: what only sleeps is woken at once even where work has to wait. Whoever has
// more to do waits longer; that, too, is known of the test's own thread where the system tells.
const control = `
const { readFileSync } = require('node:fs');
const { parentPort, workerData: { memory, slots, slotMs, pid } } = require('node:worker_threads');
// Linux says by itself how long the first thread of a process was ready to run and did not get its turn.
const queuedMs = () => {
  try {
    return Number(readFileSync('/proc/' + pid + '/schedstat', 'latin1').split(' ')[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
};
let queued = queuedMs();
const kept = new Float64Array(memory, 0, slots);
const alone = new Float64Array(memory, slots * 8);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let fastest = Infinity;
const beat = () => {
  const began = performance.now();
  Atomics.wait(sleeper, 0, 0, 9);
  const woken = performance.now();
  const numbers = Array.from({ length: 3000 }, (_, n) => (n * 7919) % 3001);
  numbers.sort((a, b) => a - b);
  const now = performance.now();
  alone[0] = Math.min(alone[0] || Infinity, now - woken);
  fastest = Math.min(fastest, now - began);
  return { at: performance.timeOrigin + began, took: now - began };
};
for (let n = 0; n < 40; n += 1) beat();
parentPort.postMessage('ready');
let slot = -1;
for (;;) {
  const { at, took } = beat();
  const now = Math.floor((at + took) / slotMs);
  while (slot < now) {
    slot = slot < 0 ? now : slot + 1;
    kept[slot % slots] = 0;
  }
  // A millisecond is what a timer may be late anywhere.
  const before = queued;
  queued = queuedMs();
  let late = Math.max(took - fastest - 1, queued - before);
  for (let back = now; late > 0; back -= 1) {
    const share = Math.min(late, slotMs);
    kept[back % slots] += share;
    late -= share;
  }
}`;
