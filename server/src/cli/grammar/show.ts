// How answers are shown: as tables and records for people, as they came with `--json`.

import type { Page } from '../client/client.ts';
import { type Column, record, table } from '../terminal/table.ts';
import { hasReader, jsonOf, plain } from '../terminal/terminal.ts';
import type { Call } from './noun.ts';

export type { Column } from '../terminal/table.ts';

/** One thing, or a whole answer. */
export function showRecord<T>({ terminal, json }: Call, fields: readonly Column<T>[], item: T, answer: unknown = item) {
  terminal.output.write(json ? `${jsonOf(answer)}\n` : record(terminal, fields, item));
}

/** What was done, for people; the server's answer, if it had one, for programs. */
export function showDone({ terminal, json }: Call, sentence: string, answer: unknown = null): void {
  if (!json) terminal.output.write(`${plain(sentence)}\n`);
  else if (answer !== null) terminal.output.write(`${jsonOf(answer)}\n`);
}

/** Beside the result, for people. */
export function note({ terminal, json }: Pick<Call, 'terminal' | 'json'>, sentence: string): void {
  if (!json) terminal.errors.write(`${sentence}\n`);
}

/** All pages that there are, or the first and how to come to the others. */
export async function showPages<T>(
  call: Call,
  columns: readonly Column<T>[],
  pages: AsyncGenerator<Page<T>>,
  { all, none, more }: { all: boolean; none: string; more: string },
): Promise<void> {
  if (call.json && all) return showAllAsJson(call, pages);
  let shown = 0;
  for await (const page of pages) {
    if (!hasReader(call.terminal)) return;
    if (call.json) {
      call.terminal.output.write(`${jsonOf(page)}\n`);
      return;
    }
    if (page.items.length > 0) call.terminal.output.write(table(call.terminal, columns, page.items, shown === 0));
    shown += page.items.length;
    if (all) continue;
    if (page.next !== null) note(call, `There are more: ${more}`);
    break;
  }
  if (shown === 0) note(call, none);
}

/** One answer as the API gives them, written as it comes in. */
async function showAllAsJson<T>({ terminal }: Call, pages: AsyncGenerator<Page<T>>): Promise<void> {
  let before = '{"items":[';
  for await (const { items } of pages) {
    if (!hasReader(terminal)) return;
    for (const item of items) {
      terminal.output.write(before + jsonOf(item));
      before = ',';
    }
  }
  terminal.output.write(`${before === ',' ? '' : before}],"next":null}\n`);
}
