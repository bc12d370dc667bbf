// Findings as people read them: a mark, what was looked at, what was found, and below it what to do.

import { styled } from '../terminal/style.ts';
import { plain, type Terminal } from '../terminal/terminal.ts';
import type { Finding, Status } from './finding.ts';

const marks: Readonly<Record<Status, readonly [mark: string, colour: 'green' | 'yellow' | 'red' | 'dim']>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
  skipped: ['-', 'dim'],
};

const nameWidth = 13;

/** One finding, without an end of line. */
export function lineOf(terminal: Terminal, { check, status, text, mend }: Finding): string {
  const [mark, colour] = marks[status];
  const what = `${styled(terminal, colour, mark)} ${check.padEnd(nameWidth)}`;
  const first = `${what} ${plain(text)}`;
  return mend === null ? first : `${first}\n${' '.repeat(nameWidth + 3)}→ ${plain(mend)}`;
}

/** How it stands altogether. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (status: Status) => findings.filter((finding) => finding.status === status).length;
  const [problems, warnings, skipped] = [count('problem'), count('warning'), count('skipped')];
  const parts = [
    problems > 0 ? `${problems} ${problems === 1 ? 'thing is' : 'things are'} wrong` : 'Nothing is wrong',
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    ...(skipped > 0 ? [`${skipped} could not be looked at`] : []),
  ];
  return `${parts.join(', ')}.`;
}
