// What is wrong with a file, and where: every mistake found is told at once, each with its place and its mend.

import { CommandError } from '../../terminal/command-error.ts';

/** Lines and columns count from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

export interface Problem {
  at: Position;
  /** A sentence that names the field. */
  text: string;
}

/** Thrown for files that cannot be applied: `2`, as they have to be changed first. */
export function unreadable(problems: readonly Problem[]): CommandError {
  const shown = problems.slice(0, mostShown).map(({ at, text }) => `${placeOf(at)}: ${text}`);
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`… and ${more} more.`);
  return new CommandError(shown.join('\n'), 'Nothing was changed.', 2);
}

/** As editors and compilers write it. */
export function placeOf({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

const mostShown = 50;
