// A plan as people read it, and as programs do. It decides nothing.

import { plain } from '../../terminal/terminal.ts';
import { titleOf } from '../model/thing.ts';
import type { Plan, Remainder, Step } from '../plan/step.ts';
import { placeOf } from '../reading/problem.ts';
import { listChange, shownValue } from './show-value.ts';

export type Paint = (style: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string;

const naming = new Set(['name', 'id', 'handle', 'email', 'externalId', 'url']);
const marks = { create: '+', change: '~', remove: '-' } as const;
const styles = { create: 'green', change: 'yellow', remove: 'red' } as const;

export function showPlan(plan: Plan, paint: Paint): string {
  const lines = plan.steps.flatMap((step) => showStep(step, paint));
  lines.push(...plan.remainders.map((one) => showRemainder(one, paint)));
  return [...lines, summaryOf(plan)].join('\n');
}

export function showStep(step: Step, paint: Paint): string[] {
  const { op, key } = step;
  // What a new one is called stands before it.
  const changes = step.changes.filter(({ field, after }) => op !== 'create' || !naming.has(field) || after !== key);
  const head = paint(styles[op], `${marks[op]} ${plain(titleOf(step))}`);
  return [head, ...changes.map(({ field, before, after }) => `    ${field}: ${showChange(op, before, after, paint)}`)];
}

/** Such as `3 to make, 1 to change, nothing to remove.` */
export function summaryOf({ steps, remainders }: Plan): string {
  const count = (op: Step['op']) => steps.filter((step) => step.op === op).length;
  const failures = remainders.filter(({ sort }) => sort === 'failure').length;
  const kept = remainders.filter(({ sort }) => sort === 'kept').length;
  const left = `${failures === 0 ? '' : ` ${failures} cannot be done.`}${kept === 0 ? '' : ` ${kept} stay as they are.`}`;
  if (steps.length === 0 && left === '') return 'No differences.';
  return `${count('create')} to make, ${count('change')} to change, ${count('remove')} to remove.${left}`;
}

export function planAsJson({ steps, remainders }: Plan): object {
  return {
    steps: steps.map(stepAsJson),
    remaining: remainders.map(({ thing, text, at, sort }) => ({
      ...identityOf(thing),
      sort,
      text,
      ...(at !== null && { at: placeOf(at) }),
    })),
  };
}

export function stepAsJson(step: Step): object {
  const changes = step.changes.map(({ field, before, after }) => ({
    field,
    before: before ?? null,
    after: after ?? null,
  }));
  return { op: step.op, ...identityOf(step), changes, ...(step.wanted !== null && { at: placeOf(step.wanted.at) }) };
}

function identityOf({ kind, organization, parent, key }: Remainder['thing']): object {
  return { kind, organization, ...(parent !== null && { parent }), name: key };
}

function showRemainder({ thing, text, at, sort }: Remainder, paint: Paint): string {
  const line = `! ${plain(titleOf(thing))} ${text}.${at === null ? '' : ` (${placeOf(at)})`}`;
  return paint(sort === 'failure' ? 'red' : sort === 'kept' ? 'yellow' : 'dim', line);
}

function showChange(op: Step['op'], before: unknown, after: unknown, paint: Paint): string {
  if (op === 'create') return shownValue(after);
  const lists = listChange(before, after);
  if (lists === null || (lists.added.length === 0 && lists.removed.length === 0)) {
    return `${paint('red', shownValue(before))} → ${paint('green', shownValue(after))}`;
  }
  const added = lists.added.map((one) => paint('green', `+${plain(one)}`));
  const removed = lists.removed.map((one) => paint('red', `-${plain(one)}`));
  return [...removed, ...added].join(' ');
}

/** Whether the server is another than the files say. */
export function isDifferent({ steps, remainders }: Plan): boolean {
  return steps.length > 0 || remainders.some(({ sort }) => sort !== 'note');
}
