// `keyward import tokens`: API tokens with the secrets that they had in another system.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Call, text, type Verb } from '../grammar/noun.ts';
import { findOwner } from '../resources/owner.ts';
import { misuse } from '../terminal/command-error.ts';
import { readRecipeFile } from './recipe-file.ts';
import { type FindOwner, tokenRow } from './row-fields.ts';
import { runImport } from './run.ts';
import { tellSamples } from './samples.ts';
import { recipeAt } from './used-recipe.ts';

const mostSamples = 20;

export const tokensVerb: Verb = {
  name: 'tokens',
  summary: 'take over API tokens: raw keys, or their hashes, as CSV or JSON lines',
  examples: [
    'keyward import tokens old-keys.csv --recipe old-portal.yaml',
    'keyward import tokens old-keys.csv --recipe old-portal.yaml --dry-run --samples known-keys.txt',
    'keyward import tokens - --recipe old-portal.yaml --rejects rejects.jsonl < old-keys.csv',
  ],
  arguments: [{ name: 'file', help: 'CSV with a head line, or JSON lines; - for standard input' }],
  options: [
    { flag: '--recipe <file>', help: 'YAML: how the old system made its keys', isRequired: true },
    { flag: '--samples <file>', help: 'some keys, one a line, that prove the recipe; with --dry-run' },
    { flag: '--rejects <file>', help: 'write the rows that are not taken to this file, with the reasons' },
    { flag: '--name <name>', help: 'what the journal calls this import; the name of the file' },
  ],
  routes: ['POST /v1/import-recipes', 'GET /v1/import-recipes', 'POST /v1/imports/tokens'],
  acts: true,
  changes: true,
  endsItself: true,
  async run(call) {
    const file = readRecipeFile(call.terminal, text(call, 'recipe') ?? '');
    const dryRun = call.options.dryRun === true;
    const samples = samplesOf(call, dryRun);
    const client = await call.client();
    const recipe = await recipeAt(client, file.recipe, dryRun);
    const owners = ownersAt(client);
    const defaults = await resolved(owners, file.defaults);
    const found = tellSamples(call, samples);
    await runImport(call, client, {
      path: '/v1/imports/tokens',
      what: 'tokens',
      body: (importName) => (rows) => ({
        import: importName,
        recipe: dryRun && !('id' in recipe) ? file.recipe : recipe.name,
        defaults,
        rows,
        ...(dryRun && { dryRun, samples }),
      }),
      toRow: (row) => tokenRow(recipe, file.columns, owners, row),
      ...(samples.length > 0 && { samples: found }),
    });
  },
};

/** Each is looked for once. */
function ownersAt(client: Parameters<typeof findOwner>[0]): FindOwner {
  const known = new Map<string, ReturnType<FindOwner>>();
  return (written) => {
    const owner = known.get(written) ?? findOwner(client, written);
    known.set(written, owner);
    return owner;
  };
}

async function resolved(owners: FindOwner, defaults: Readonly<Record<string, unknown>>) {
  const { owner } = defaults;
  return typeof owner === 'string' ? { ...defaults, owner: await owners(owner) } : defaults;
}

function samplesOf(call: Call, dryRun: boolean): string[] {
  const name = text(call, 'samples');
  if (name === undefined) return [];
  if (!dryRun) throw misuse('--samples prove a recipe before anything is imported.', 'Add --dry-run.');
  const samples = readFileSync(resolve(call.terminal.folder, name), 'utf8')
    .split(/\r?\n/)
    .filter((one) => one !== '');
  if (samples.length <= mostSamples) return samples;
  throw misuse(`${name} has ${samples.length} lines.`, `Take ${mostSamples} keys at most.`);
}
