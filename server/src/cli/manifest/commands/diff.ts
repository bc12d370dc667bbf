// `keyward diff`: what apply would change. It changes nothing, and says by its exit code whether there is a difference.

import type { Call } from '../../grammar/noun.ts';
import { CommandError } from '../../terminal/command-error.ts';
import { isDifferent, planAsJson, showPlan } from '../showing/show-plan.ts';
import { manifestOf, paintOn, planFor, pruned } from './planning.ts';

/** Throws CommandError for what is wrong. */
export async function diff({ terminal, json, options, outcome, client }: Call): Promise<void> {
  try {
    const manifest = await manifestOf(terminal, options.file);
    const { plan } = await planFor(await client(), manifest, pruned(options.prune), Date.now());
    const text = json ? JSON.stringify(planAsJson(plan)) : showPlan(plan, paintOn(terminal));
    terminal.output.write(`${text}\n`);
    outcome.code = isDifferent(plan) ? 1 : 0;
  } catch (error) {
    throw asWrong(error);
  }
}

/** 1 is an answer here, and never that it did not work. */
function asWrong(error: unknown): unknown {
  if (error instanceof CommandError && error.exitCode === 1) {
    return new CommandError(error.message, error.hint, 2, error, error.problem);
  }
  return error;
}
