// Rows on their way to the server: many at a time, few batches at once, and each sent again where its answer was lost, since rows that are
// there already are only counted. Told to stop it ends the batches under way and begins no other.

import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Client } from '../client/client.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Row, Unreadable } from './read-rows.ts';

export interface Rejected {
  line: number;
  reason: string;
  detail: string;
}

/** What the server says of a batch. */
export interface BatchOutcome {
  added: number;
  present: number;
  rejected: Rejected[];
  samples?: { hasShape: boolean; line: number | null }[];
}

export interface Totals {
  rows: number;
  added: number;
  present: number;
  rejected: number;
  /** The last line of which everything before is done; null before any. */
  lastLine: number | null;
  isStopped: boolean;
}

export interface Sending {
  client: Client;
  path: string;
  /** The body of a batch. */
  body(rows: readonly Record<string, unknown>[]): Record<string, unknown>;
  /** A row as it is sent; throws CommandError for one that cannot be. */
  toRow(row: Row): Promise<Record<string, unknown>>;
  onRejected(rejected: readonly Rejected[]): void;
  onDone(totals: Totals): void;
  onSamples?(samples: NonNullable<BatchOutcome['samples']>): void;
  signal: AbortSignal;
}

const rowsAtOnce = 250;
/** Characters of JSON, below what the server takes. */
const mostCharacters = 1_500_000;
const batchesAtOnce = 2;
/** Three quarters of a minute in all: a server that is started anew is back by then. */
const tries = 9;

export async function sendRows(rows: AsyncIterable<Row | Unreadable>, sending: Sending): Promise<Totals> {
  const totals: Totals = { rows: 0, added: 0, present: 0, rejected: 0, lastLine: null, isStopped: false };
  const { signal } = sending;
  const underWay: Promise<void>[] = [];
  let batch: Record<string, unknown>[] = [];
  let size = 0;

  const reject = (rejected: readonly Rejected[]) => {
    if (rejected.length === 0) return;
    totals.rejected += rejected.length;
    sending.onRejected(rejected);
  };

  let wasAnswered = false;
  const send = async (some: readonly Record<string, unknown>[]) => {
    const { added, present, rejected, samples } = await sent(sending, some, () => wasAnswered);
    wasAnswered = true;
    totals.added += added;
    totals.present += present;
    totals.lastLine = Math.max(totals.lastLine ?? 0, Number(some.at(-1)?.line ?? 0));
    reject(rejected);
    if (samples !== undefined) sending.onSamples?.(samples);
    sending.onDone(totals);
  };

  const flush = async () => {
    if (batch.length === 0) return;
    const some = batch;
    [batch, size] = [[], 0];
    if (underWay.length >= batchesAtOnce) await underWay.shift();
    const one = send(some);
    // It is awaited in its turn, and may fail before.
    one.catch(() => undefined);
    underWay.push(one);
  };

  for await (const row of rows) {
    if (signal.aborted) break;
    totals.rows += 1;
    if ('fault' in row) {
      reject([{ line: row.line, reason: 'invalid', detail: row.fault }]);
      continue;
    }
    try {
      const ready = await sending.toRow(row);
      size += lengthOf(ready);
      batch.push(ready);
    } catch (error) {
      if (!(error instanceof CommandError) || error.problem !== undefined) throw error;
      reject([{ line: row.line, reason: 'invalid', detail: error.message }]);
    }
    if (batch.length >= rowsAtOnce || size >= mostCharacters) await flush();
  }
  totals.isStopped = signal.aborted;
  if (!totals.isStopped) await flush();
  await Promise.all(underWay);
  return totals;
}

/** Nearly what it has as JSON, for a tenth of the work. */
function lengthOf(row: Readonly<Record<string, unknown>>): number {
  let length = 16;
  for (const name of Object.keys(row)) {
    const value = row[name];
    length += name.length + 8 + (typeof value === 'string' ? value.length : value === null ? 4 : 0);
    if (typeof value === 'object' && value !== null) length += JSON.stringify(value).length;
  }
  return length;
}

async function sent(
  { client, path, body }: Sending,
  rows: readonly Record<string, unknown>[],
  wasAnswered: () => boolean,
): Promise<BatchOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask<BatchOutcome>(client, 'POST', path, { body: body(rows) });
    } catch (error) {
      if (attempt >= tries || !mayPass(error, wasAnswered())) throw error;
      await pause(Math.min(10_000, 250 * 2 ** attempt));
    }
  }
}

/** An answer that asks for patience, or none from a server that answered before. */
function mayPass(error: unknown, wasAnswered: boolean): boolean {
  if (!(error instanceof CommandError)) return false;
  const { problem } = error;
  if (problem === undefined) return wasAnswered && / cannot be reached/.test(error.message);
  const status = typeof problem === 'object' && problem !== null && 'status' in problem ? problem.status : 0;
  return status === 503 || status === 429;
}
