// The report: rows as a table, and the file that keeps the last one of each figure. It judges nothing but the budget.

import { cpus, loadavg } from 'node:os';
import type { Figure, Row } from './figure.ts';
import type { Bench } from './keyward.ts';
import { isPinned } from './pinning.ts';
import { judge } from './ratio.ts';

/** One figure's section, in Markdown. */
export function section(
  id: string,
  figure: Figure,
  rows: readonly Row[],
  { rounds, big }: Pick<Bench, 'rounds' | 'big'>,
): string {
  const flags = (rounds === 7 ? '' : ` --rounds ${rounds}`) + (big ? ' --big' : '');
  const lines = rows.map((row) => `| ${cells(row).join(' | ')} |`);
  return [
    `## ${id}: ${figure.title}`,
    [figure.method, ...(figure.notes ?? [])].join(' '),
    `\`npm run bench -- ${id}${flags}\` on ${machine()}; ${rounds} rounds.`,
    ['| work | median | min to max | floor | goal | reached | medians |', '| --- | --- | --- | --- | --- | --- | --- |']
      .concat(lines)
      .join('\n'),
  ].join('\n\n');
}

/** The file with this section put in the place of the figure's old one, or in its place by number. */
export function withSection(file: string, text: string): string {
  const [head = '', ...old] = (file === '' ? heading : file.trimEnd()).split(/\n\n(?=## )/);
  const others = old.filter((one) => idOf(one) !== idOf(text));
  const sections = [...others, text].toSorted((a, b) => numberOf(a) - numberOf(b));
  return `${[head, ...sections].join('\n\n')}\n`;
}

/** Rows for a terminal. */
export function plain(id: string, rows: readonly Row[]): string {
  return rows
    .map((row) => {
      const [work, median, range, floor, goal, reached, medians] = cells(row);
      return `${id}  ${work}\n    ${median} (${range})  floor ${floor}, goal ${goal}: ${reached}\n    ${medians}`;
    })
    .join('\n');
}

const heading =
  '# Results\n\nWritten by the harness ([README](README.md)); the figures and their budgets are those of `performance.md`.\nEach figure is a ratio measured interleaved in one run on one machine: it compares with its budget, not with other machines.';

function cells({ work, value, unit, digits, budget, costs }: Row): string[] {
  const mark = (one: number) => (unit === undefined ? `${one}` : `${one} ${unit}`);
  const reached = budget === undefined ? '-' : judge(value.median, budget.floor, budget.goal, budget.better);
  const bound = budget?.better === 'less' ? '<= ' : '';
  return [
    work,
    figureOf(value.median, unit, digits),
    `${figureOf(value.min, unit, digits)} to ${figureOf(value.max, unit, digits)}`,
    budget === undefined || budget.floor === null ? '-' : bound + mark(budget.floor),
    budget === undefined ? '-' : bound + mark(budget.goal),
    reached,
    Object.entries(costs)
      .map(([name, cost]) => `${name} ${cost}`)
      .join('; '),
  ];
}

function figureOf(value: number, unit: Row['unit'], digits = unit === undefined ? 2 : 0): string {
  return value.toFixed(digits) + (unit === undefined ? '' : ` ${unit}`);
}

function machine(): string {
  // Not what this process may use: it has confined itself to one of them.
  const cores = cpus().length;
  const pinned = isPinned
    ? 'server on core 0, load on core 1'
    : 'not pinned to cores: taskset or a second core is missing';
  return `Node ${process.versions.node}, ${cores} ${cores === 1 ? 'core' : 'cores'} (${process.platform} ${process.arch}), ${pinned}, load average ${(loadavg()[0] ?? 0).toFixed(1)} at the end`;
}

function idOf(section: string): string | undefined {
  return /^## (P\d+)/.exec(section)?.[1];
}

function numberOf(section: string): number {
  return Number(idOf(section)?.slice(1));
}
