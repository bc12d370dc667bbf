// One import from its file to its end: rows read, sent and counted, with a line that shows how far it is. What is imported is each
// command's to say.

import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Client } from '../client/client.ts';
import { type Call, text } from '../grammar/noun.ts';
import { CommandError, interrupted } from '../terminal/command-error.ts';
import { progressOf } from '../terminal/progress.ts';
import { type Row, readRows } from './read-rows.ts';
import { openRejects } from './rejects.ts';
import type { SamplesTold } from './samples.ts';
import { type Sending, sendRows, type Totals } from './send-batches.ts';

export interface Import {
  path: string;
  /** `tokens`, in sentences. */
  what: string;
  body(importName: string): Sending['body'];
  toRow(row: Row): Promise<Record<string, unknown>>;
  samples?: SamplesTold;
}

export async function runImport(call: Call, client: Client, wanted: Import): Promise<void> {
  const { terminal, json, args, signal, outcome } = call;
  const name = args.file ?? '-';
  const input = openInput(call, name);
  const progress = progressOf(terminal, json, { what: `Importing ${wanted.what}`, unit: 'rows', total: null });
  const rejects = openRejects(terminal, json, text(call, 'rejects'));
  try {
    const totals = await sendRows(readRows(input), {
      client,
      path: wanted.path,
      body: wanted.body(text(call, 'name') ?? (name === '-' ? 'standard input' : basename(name))),
      toRow: wanted.toRow,
      onRejected: rejects.tell,
      onDone: ({ added, present, rejected }) => {
        progress.at(added + present + rejected);
      },
      onSamples: (samples) => wanted.samples?.saw(samples),
      signal,
    });
    progress.end();
    const areProved = wanted.samples?.end() ?? true;
    tellEnd(call, wanted, totals);
    if (totals.isStopped) throw stopped(totals);
    if (totals.rejected > 0 || !areProved) outcome.code = 1;
  } finally {
    progress.end();
    rejects.close();
    input.destroy();
  }
}

function openInput({ terminal }: Call, name: string): Readable {
  return name === '-' ? terminal.input : createReadStream(resolve(terminal.folder, name), { highWaterMark: 262_144 });
}

function tellEnd({ terminal, json, options }: Call, { what, samples }: Import, totals: Totals): void {
  const { rows, added, present, rejected } = totals;
  if (json) {
    const proved = samples === undefined ? {} : { samples: samples.found };
    terminal.output.write(`${JSON.stringify({ rows, added, present, rejected, ...proved })}\n`);
    return;
  }
  const count = (number: number) => number.toLocaleString('en');
  const done = options.dryRun === true ? 'would be added' : 'added';
  terminal.output.write(
    `${count(added)} ${added === 1 ? what.replace(/s$/, '') : what} ${done}, ${count(present)} there already, ${count(rejected)} not taken.\n`,
  );
}

function stopped({ lastLine }: Totals): CommandError {
  const how = 'Run the same command again: it goes on from there, as what is there already is only counted.';
  const where = lastLine === null ? 'Nothing was imported.' : `Everything up to about line ${lastLine} is imported.`;
  return new CommandError(`Stopped. ${where}`, how, interrupted);
}
