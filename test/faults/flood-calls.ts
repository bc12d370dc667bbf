// Callers in threads of their own: some with a good credential, at a steady pace, who note how long each answer took;
// and a flood of bad ones, as fast as it is told to be, whatever becomes of the answers.

import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { callOf, openPipeline } from './pipeline.ts';

export type Task = { url: string; forMs: number; connections: number } & (
  | {
      kind: 'good';
      credentials: readonly string[];
      /** Calls a second; 0: the next as soon as the last is answered. */
      rate: number;
    }
  | {
      kind: 'flood';
      credentials: readonly string[];
      rate: number;
      /** How many calls a connection may wait for. */
      depth: number;
    }
);

export interface GoodOutcome {
  calls: number;
  /** Answered 200. */
  good: number;
  statuses: Record<string, number>;
  /** By the clock: when a call was sent and when it was answered. */
  times: { sentAt: number; answeredAt: number }[];
}

export interface FloodOutcome {
  /** Calls that would have been sent, had there been a connection that could take them. */
  offered: number;
  sent: number;
  /** Answers by status. */
  statuses: Record<string, number>;
}

/** Whoever waits longer has given up. */
const patienceMs = 30_000;
const task = workerData as Task;
const targets = task.credentials.map((credential) =>
  callOf('GET', '/v1/check', { Authorization: `Bearer ${credential}` }),
);
const at = (number: number) => targets[number % targets.length] ?? '';
const end = performance.now() + task.forMs;

async function callWell(rate: number): Promise<GoodOutcome> {
  const outcome: GoodOutcome = { calls: 0, good: 0, statuses: {}, times: [] };
  const began = performance.now();
  const lane = async () => {
    let connection = openPipeline(task.url);
    while (performance.now() < end) {
      const number = outcome.calls;
      outcome.calls += 1;
      if (rate > 0) await pause(Math.max(0, began + (number / rate) * 1000 - performance.now()));
      const sentAt = performance.now();
      const answer = await Promise.race([connection.send(at(number)), pause(patienceMs)]).catch(() => undefined);
      const status = answer?.status ?? 'none';
      const origin = performance.timeOrigin;
      outcome.times.push({ sentAt: origin + sentAt, answeredAt: origin + performance.now() });
      outcome.statuses[status] = (outcome.statuses[status] ?? 0) + 1;
      if (status === 200) outcome.good += 1;
      if (answer === undefined || !connection.isOpen) {
        connection.break();
        connection = openPipeline(task.url);
      }
    }
    connection.break();
  };
  await Promise.all(Array.from({ length: task.connections }, lane));
  return outcome;
}

interface FloodConnection {
  socket: Socket;
  waiting: number;
}

async function flood(rate: number, depth: number): Promise<FloodOutcome> {
  const outcome: FloodOutcome = { offered: 0, sent: 0, statuses: {} };
  const floodings: FloodConnection[] = Array.from({ length: task.connections }, () => openFlooding(outcome));
  const began = performance.now();
  while (performance.now() < end) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    for (const [index, flooding] of floodings.entries()) {
      if (flooding.socket.destroyed) floodings[index] = openFlooding(outcome);
    }
    const free = floodings.filter(({ socket, waiting }) => waiting < depth && socket.writableLength === 0);
    while (outcome.offered < due && free.length > 0) {
      const flooding = free.shift() as FloodConnection;
      const count = Math.min(depth - flooding.waiting, due - outcome.offered);
      let bytes = '';
      for (let n = 0; n < count; n += 1) bytes += at(outcome.sent + n);
      flooding.socket.write(bytes, 'latin1');
      flooding.waiting += count;
      outcome.sent += count;
      outcome.offered += count;
    }
    outcome.offered = due;
    await pause(1);
  }
  for (const { socket } of floodings) socket.destroy();
  return outcome;
}

/** Answers are counted, and not looked at any further. */
function openFlooding(outcome: FloodOutcome): FloodConnection {
  const { hostname, port } = new URL(task.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const flooding: FloodConnection = { socket, waiting: 0 };
  let rest = '';
  socket.setEncoding('latin1').on('error', () => {});
  socket.on('data', (chunk: string) => {
    const text = rest + chunk;
    let from = 0;
    for (let found = text.indexOf('HTTP/1.1 '); found >= 0 && found + 12 <= text.length; ) {
      const status = text.slice(found + 9, found + 12);
      outcome.statuses[status] = (outcome.statuses[status] ?? 0) + 1;
      flooding.waiting -= 1;
      from = found + 12;
      found = text.indexOf('HTTP/1.1 ', from);
    }
    rest = text.slice(Math.max(from, text.length - 12));
  });
  return flooding;
}

parentPort?.postMessage(task.kind === 'good' ? await callWell(task.rate) : await flood(task.rate, task.depth));
