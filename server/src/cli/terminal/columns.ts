// How wide the columns of a table get on a screen. An id is of no use when it is cut, and is left out; a time loses its seconds,
// any other text its end.

import { cut, widthOf } from './style.ts';

/** Narrower than this no text gets, so that something of it can be read. */
const leastWidth = 8;
/** Of `2026-12-01 14:30Z`. */
const minutes = 17;
const idForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/**
 * The width of each column, so that all of them and the gaps between fit; 0 for one that is left out. What is left out is an id
 * first, then whatever stands last.
 */
export function fitted(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  screen: number,
  gap: number,
): number[] {
  const columns = titles.map((title, at) => {
    const cells = rows.map((row) => row[at] ?? '');
    const natural = Math.max(...[title, ...cells].map(widthOf));
    const given = cells.filter((cell) => cell !== '');
    const isAll = (form: RegExp) => given.length > 0 && given.every((cell) => form.test(cell));
    const isId = isAll(idForm);
    const least = isId ? natural : Math.min(natural, isAll(timeForm) ? minutes : leastWidth);
    return { natural, least: Math.max(least, Math.min(natural, widthOf(title))), isId };
  });
  const kept = new Set(columns.keys());
  const total = (of: (column: (typeof columns)[number]) => number) =>
    columns.reduce((sum, column, at) => sum + (kept.has(at) ? of(column) + gap : 0), -gap);
  const leave = (places: readonly number[]) => {
    for (const at of places) if (kept.size > 1 && total(({ least }) => least) > screen) kept.delete(at);
  };
  const fromTheEnd = [...columns.keys()].reverse();
  leave(fromTheEnd.filter((at) => columns[at]?.isId));
  leave(fromTheEnd);
  const widths = columns.map(({ natural }, at) => (kept.has(at) ? natural : 0));
  for (let over = total(({ natural }) => natural) - screen; over > 0; over -= 1) {
    const spare = widths.map((width, at) => (width > (columns[at]?.least ?? 0) ? width : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** The text in so many columns. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width || !timeForm.test(text)) return cut(text, width);
  const spellings = [`${text.slice(0, 10)} ${text.slice(11, 19)}Z`, `${text.slice(0, 10)} ${text.slice(11, 16)}Z`];
  return spellings.find((one) => one.length <= width) ?? cut(text.slice(0, 10), width);
}
