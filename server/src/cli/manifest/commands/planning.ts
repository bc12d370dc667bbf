// What diff and apply have in common: from files and a server to a plan, and how a plan is coloured.

import { nearestWord } from '@keyward/rules/nearest-word';
import type { Client } from '../../client/client.ts';
import { misuse } from '../../terminal/command-error.ts';
import { styled } from '../../terminal/style.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { Manifest } from '../model/manifest.ts';
import { readManifest } from '../model/read-manifest.ts';
import { type Kind, kinds, plurals } from '../model/thing.ts';
import { makePlan } from '../plan/plan.ts';
import type { Plan } from '../plan/step.ts';
import { type Problem, unreadable } from '../reading/problem.ts';
import { readFiles } from '../reading/read-files.ts';
import type { Paint } from '../showing/show-plan.ts';
import { extentOf } from '../state/extent.ts';
import { readState, type State } from '../state/read-state.ts';

/** Throws CommandError for no file, and for what is wrong in one. */
export async function manifestOf(terminal: Terminal, given: unknown): Promise<Manifest> {
  const paths = Array.isArray(given) ? given.map(String) : [];
  if (paths.length === 0) throw misuse('No file is named.', 'Name a file or a folder: -f keyward/');
  return readManifest(await readFiles(paths, terminal));
}

/** The kinds that `--prune` means. An organization takes everything with it, and so has to be named. */
export function pruned(given: unknown): Set<Kind> {
  if (given === undefined || given === false) return new Set();
  if (typeof given !== 'string') return new Set(kinds.filter((kind) => kind !== 'organization'));
  return new Set(
    given.split(',').map((word) => {
      const kind = kinds.find((one) => plurals[one] === word.trim());
      if (kind !== undefined) return kind;
      const meant = nearestWord(word, Object.values(plurals));
      const known = `Known are ${Object.values(plurals).join(', ')}.`;
      throw misuse(
        `--prune: there is no kind ${JSON.stringify(word)}.`,
        meant ? `Did you mean ${meant}? ${known}` : known,
      );
    }),
  );
}

/** Throws CommandError for what is wrong in the files, seen beside the server. */
export async function planFor(
  client: Pick<Client, 'send'>,
  manifest: Manifest,
  prune: ReadonlySet<Kind>,
  now: number,
): Promise<{ plan: Plan; state: State }> {
  const state = await readState(client, extentOf(manifest, prune));
  const problems: Problem[] = [];
  const plan = makePlan(manifest, state, { prune, now }, problems);
  if (problems.length > 0) throw unreadable(problems);
  return { plan, state };
}

export function paintOn(terminal: Terminal): Paint {
  return (style, text) => styled(terminal, style, text);
}
