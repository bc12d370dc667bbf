// A page of documentation, as far as a test runs it: its fenced blocks. It knows nothing of what they mean.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.ts';

export interface Block {
  language: string;
  /** What follows the language on the fence: `serves`, or the name of a file. */
  note: string;
  text: string;
  /** The first line of the file is 1. */
  line: number;
}

/** Reads a page, by its path in the repository. */
export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function blocksIn(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)(?: (.+))?\n([\s\S]*?)^```$/gm)].map(({ index, ...match }) => ({
    language: match[1] ?? '',
    note: match[2] ?? '',
    text: match[3] ?? '',
    line: page.slice(0, index).split('\n').length,
  }));
}

/** The part of a page under a heading, up to the next heading of the same or a higher rank. Throws if it is not there. */
export function sectionOf(page: string, heading: string): string {
  const rank = heading.indexOf(' ');
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`There is no "${heading}".`);
  const body = page.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${rank}} `, 'm'));
  return end < 0 ? body : body.slice(0, end);
}

/** The cells of the first table of a section, without its head; backticks are taken off. */
export function tableIn(section: string): string[][] {
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** What each `curl` of a script shall answer: the status in the comment at the end of its line, else any that is a success. */
export function promisedStatuses(script: string): (number | 'success')[] {
  return script
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => {
      const [, status] = / # (\d{3})$/.exec(line) ?? [];
      const promised = status === undefined ? 'success' : Number(status);
      return [...line.matchAll(/(?<![-\w.])curl (?!--version)/g)].map(() => promised);
    });
}
