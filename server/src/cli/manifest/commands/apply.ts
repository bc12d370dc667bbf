// `keyward apply`: makes a server what the files say. It shows what it will do, asks, does it, and says what was done; what was
// shown is all that it does.

import { randomUUID } from 'node:crypto';
import type { Call } from '../../grammar/noun.ts';
import { CommandError, interrupted, misuse } from '../../terminal/command-error.ts';
import { progressOf } from '../../terminal/progress.ts';
import { confirmed } from '../../terminal/prompt.ts';
import { isInteractive, plain } from '../../terminal/terminal.ts';
import { carryOut, makesSecret, type Refusal, type RunOutcome, tellUnsettled } from '../applying/run.ts';
import { openSink, type SecretSink } from '../applying/secrets.ts';
import { type Ledger, openLedger } from '../applying/unsettled.ts';
import { jsonSchema } from '../model/json-schema.ts';
import type { Manifest } from '../model/manifest.ts';
import { type Kind, titleOf } from '../model/thing.ts';
import { idOf, type Plan, type Step } from '../plan/step.ts';
import { placeOf } from '../reading/problem.ts';
import { planAsJson, showPlan, stepAsJson } from '../showing/show-plan.ts';
import { manifestOf, paintOn, planFor, pruned } from './planning.ts';

/** Throws CommandError for what was not done. */
export async function apply(call: Call): Promise<void> {
  const { terminal, json, options, outcome } = call;
  if (options.schema === true) {
    terminal.output.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
    return;
  }
  const manifest = await manifestOf(terminal, options.file);
  const prune = pruned(options.prune);
  const client = await call.client();
  const planned = await unlessStopped(call.signal, planFor(client, manifest, prune, Date.now()));
  const { plan } = planned;
  const say = options.secretsTo === '-' || json ? terminal.errors : terminal.output;
  const isDry = options.dryRun === true;
  if (!json) say.write(`${showPlan(plan, paintOn(terminal))}\n`);
  const runId = randomUUID();
  const ledger = openLedger(terminal, client.where, runId, Date.now());
  const untold = ledger.left.filter(({ thing }) => plan.ids.has(idOf(thing))).length;
  if (untold > 0 && !json) {
    say.write(`A run before this one was ended before it told all new secrets: ${untold} are told now.\n`);
  }
  if (isDry || (plan.steps.length === 0 && untold === 0)) {
    if (json) terminal.output.write(`${JSON.stringify(planAsJson(plan))}\n`);
    outcome.code = failuresOf(plan) > 0 ? 1 : 0;
    return;
  }
  const target = targetOf(call, plan.steps.filter(makesSecret).length + untold);
  if (plan.steps.length > 0) {
    await unlessStopped(call.signal, confirmed(terminal, options.yes === true, `Do this at ${client.where}?`));
  }
  if (target === '-' && isInteractive(terminal)) say.write('New secrets, which are shown this once:\n');
  // A secret that nobody counted on, as where somebody else removed what was there, is not lost either.
  const secrets = openSink(terminal, target ?? `keyward-secrets-${runId}.jsonl`, runId);
  const result = await applyAll(call, manifest, prune, planned, { runId, secrets, secretsOn: target, ledger });
  report(call, result, runId, say);
}

interface Applying {
  runId: string;
  secrets: SecretSink;
  /** Where they go, as it was said; null where none is expected. */
  secretsOn: string | null;
  ledger: Ledger;
}

interface Applied extends RunOutcome {
  plan: Plan;
  /** Of the secrets: where those are that were not taken. */
  lost: CommandError | null;
}

/** Where somebody else was faster the rest is planned anew: what was not shown before is not done. */
async function applyAll(
  call: Call,
  manifest: Manifest,
  prune: ReadonlySet<Kind>,
  { plan: first, state: before }: Awaited<ReturnType<typeof planFor>>,
  { runId, secrets, secretsOn, ledger }: Applying,
): Promise<Applied> {
  const client = await call.client();
  const approved = new Set(first.steps.map(approvalOf));
  // Secrets on the screen and a line that is written over would stand in each other.
  const isQuiet = call.json || (secretsOn === '-' && isInteractive(call.terminal));
  const progress = progressOf(call.terminal, isQuiet, {
    what: 'Applying',
    unit: 'objects',
    total: first.steps.length,
  });
  const done: Step[] = [];
  let [plan, outcome]: [Plan, RunOutcome] = [first, { done: [], refused: null, left: first.steps }];
  let lost: CommandError | null = null;
  try {
    await tellUnsettled({ asking: client, secrets, ledger }, first.ids);
    let stale: string | null = null;
    for (let round = 0; ; round += 1) {
      const { state, plan: anew } =
        round === 0 ? { state: before, plan: first } : await planFor(client, manifest, prune, Date.now());
      plan = { ...anew, steps: anew.steps.filter((step) => approved.has(approvalOf(step))) };
      const { signal } = call;
      const onDone = (count: number) => progress.at(done.length + count);
      outcome = await carryOut(plan, {
        asking: client,
        isOwn: state.isOwn,
        runId,
        round,
        secrets,
        ledger,
        signal,
        onDone,
      });
      done.push(...outcome.done);
      const { refused } = outcome;
      // The same step refused a second time is no race.
      const again = refused?.isStale === true ? approvalOf(refused.step) : null;
      if (again === null || again === stale || signal.aborted || round === mostRounds) break;
      stale = again;
    }
  } finally {
    progress.end();
    ledger.end();
    await secrets.end().catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      lost = error;
    });
  }
  return { ...outcome, done, plan, lost };
}

/** One that was to be made may turn out to be there already, and to be changed. */
function approvalOf(step: Step): string {
  return `${step.op === 'remove' ? 'remove' : 'make'} ${idOf(step)}`;
}

/** Throws CommandError where there would be new secrets and nobody said what becomes of them. */
function targetOf({ terminal, options, json }: Call, count: number): string | null {
  const { secretsTo } = options;
  if (typeof secretsTo === 'string') return secretsTo;
  if (count === 0) return null;
  if (isInteractive(terminal) && !json) return '-';
  const what = count === 1 ? 'A new secret' : `${count} new secrets`;
  throw misuse(
    `${what} would be made, and nothing says where to put them.`,
    'Add --secrets-to FILE, --secrets-to COMMAND, or --secrets-to - for standard output, which a CI job may keep in its log.',
  );
}

function report(
  call: Call,
  result: Applied,
  runId: string,
  say: NodeJS.WritableStream | Call['terminal']['output'],
): void {
  const { terminal, json, outcome, signal } = call;
  const { done, left, refused, plan, lost } = result;
  const failures = failuresOf(plan);
  if (json) {
    const told = {
      run: runId,
      done: done.map(stepAsJson),
      left: left.map(stepAsJson),
      refused: refused === null ? null : { ...stepAsJson(refused.step), text: refused.text },
      remaining: (planAsJson({ ...plan, steps: [] }) as { remaining: unknown }).remaining,
    };
    terminal.output.write(`${JSON.stringify(told)}\n`);
  } else {
    const count = (op: Step['op']) => done.filter((step) => step.op === op).length;
    say.write(
      `Made ${count('create')}, changed ${count('change')}, removed ${count('remove')}. In the journal this is the run ${runId}.\n`,
    );
  }
  if (lost !== null) throw lost;
  if (refused !== null) throw refusalError(refused, left);
  if (signal.aborted) {
    throw new CommandError(`Stopped. ${left.length} were not done.`, 'Run the command again to go on.', interrupted);
  }
  outcome.code = failures > 0 || left.length > 0 ? 1 : 0;
}

function refusalError({ step, text, path }: Refusal, left: readonly Step[]): CommandError {
  const place = step.wanted === null ? '' : `${placeOf(step.wanted.placeOf(path))}: `;
  const others = left.filter((one) => one !== step);
  const shown = others.slice(0, mostShown).map((one) => `  ${one.op} ${plain(titleOf(one))}`);
  if (others.length > shown.length) shown.push(`  … and ${others.length - shown.length} more`);
  const rest = others.length === 0 ? '' : `Not done are also:\n${shown.join('\n')}\n`;
  return new CommandError(`${place}${plain(titleOf(step))}: ${text}`, `${rest}Mend that, then run the command again.`);
}

function failuresOf({ remainders }: Plan): number {
  return remainders.filter(({ sort }) => sort === 'failure').length;
}

/** Up to here nothing was changed, so that nothing has to be brought to an end. */
function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new CommandError('Stopped; nothing was changed.', null, interrupted));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  stopped.catch(() => undefined);
  return Promise.race([work, stopped]);
}

const mostRounds = 5;
const mostShown = 20;
