// Tables and records for people. On a screen they are aligned, coloured and cut to its width; in a pipe every cell is whole and
// a tab stands between two, so that cut and awk can read them.

import { cut, type Style, styled, widthOf } from './style.ts';
import { plain, type Terminal } from './terminal.ts';

export interface Column<T> {
  title: string;
  of: (item: T) => unknown;
  style?: (item: T) => Style | undefined;
}

const gap = 2;
/** Narrower than this no column gets, so that something of it can be read. */
const leastWidth = 6;

/** Rows under their titles. Further rows of the same table, on a page of their own, come without. */
export function table<T>(
  terminal: Terminal,
  columns: readonly Column<T>[],
  items: readonly T[],
  titled = true,
): string {
  const rows = items.map((item) => columns.map(({ of }) => cell(of(item))));
  const titles = columns.map(({ title }) => title);
  if (terminal.output.isTTY !== true) {
    return (titled ? [titles, ...rows] : rows).map((row) => `${row.join('\t')}\n`).join('');
  }
  const natural = titles.map((title, at) => Math.max(...[title, ...rows.map((row) => row[at] ?? '')].map(widthOf)));
  const widths = fitted(natural, terminal.output.columns ?? 80);
  const line = (cells: readonly string[], styleOf: (at: number) => Style | undefined) =>
    `${cells.map((text, at) => padded(terminal, text, at === cells.length - 1 ? -1 : (widths[at] ?? 0), widths[at] ?? 0, styleOf(at))).join('')}\n`;
  const head = titled ? line(titles, () => 'bold') : '';
  return head + rows.map((row, at) => line(row, (column) => styleIn(columns, column, items[at]))).join('');
}

/** What is known of one thing, a line each; what is not there is left out. */
export function record<T>(terminal: Terminal, fields: readonly Column<T>[], item: T): string {
  const shown = fields.map((field) => ({ ...field, text: cell(field.of(item)) })).filter(({ text }) => text !== '');
  const isScreen = terminal.output.isTTY === true;
  const width = Math.max(0, ...shown.map(({ title }) => widthOf(title)));
  return shown
    .map(({ title, text, style }) => {
      if (!isScreen) return `${title}\t${text}\n`;
      const space = ' '.repeat(width - widthOf(title) + gap);
      return `${styled(terminal, 'bold', title)}${space}${styled(terminal, style?.(item), text)}\n`;
    })
    .join('');
}

/** What a cell says: one line, nothing that moves a cursor. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cell).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return plain(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function padded(terminal: Terminal, text: string, pad: number, most: number, style: Style | undefined): string {
  const shown = cut(text, most);
  const space = pad < 0 ? '' : ' '.repeat(Math.max(0, pad - widthOf(shown)) + gap);
  return styled(terminal, style, shown) + space;
}

function styleIn<T>(columns: readonly Column<T>[], at: number, item: T | undefined): Style | undefined {
  return item === undefined ? undefined : columns[at]?.style?.(item);
}

/** Takes from the widest until all fit the screen. */
function fitted(natural: readonly number[], screen: number): number[] {
  const widths = [...natural];
  const room = screen - gap * (widths.length - 1);
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= leastWidth) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
