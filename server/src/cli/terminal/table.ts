// Tables and records for people. On a screen they are aligned, coloured and fit its width; in a pipe every cell is whole and a tab
// stands between two, so that cut and awk can read them.

import { fit, fitted } from './columns.ts';
import { type Style, styled, widthOf } from './style.ts';
import { plain, type Terminal } from './terminal.ts';

export interface Column<T> {
  title: string;
  of: (item: T) => unknown;
  style?: (item: T) => Style | undefined;
}

const gap = 2;

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
  const widths = fitted(titles, rows, terminal.output.columns ?? 80, gap);
  const shown = widths.flatMap((width, at) => (width === 0 ? [] : [at]));
  const line = (cells: readonly string[], styleOf: (at: number) => Style | undefined) => {
    const texts = shown.map((at) => fit(cells[at] ?? '', widths[at] ?? 0));
    return `${texts.map((text, place) => padded(terminal, text, place === shown.length - 1 ? -1 : (widths[shown[place] ?? 0] ?? 0), styleOf(shown[place] ?? 0))).join('')}\n`;
  };
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

function padded(terminal: Terminal, text: string, width: number, style: Style | undefined): string {
  const space = width < 0 ? '' : ' '.repeat(Math.max(0, width - widthOf(text)) + gap);
  return styled(terminal, style, text) + space;
}

function styleIn<T>(columns: readonly Column<T>[], at: number, item: T | undefined): Style | undefined {
  return item === undefined ? undefined : columns[at]?.style?.(item);
}
