// Importing API tokens with secrets that were made elsewhere, many at a time. Each row is taken or refused whole; what is there
// already is said to be, so that a file may be imported again. A batch is one change, with one entry in the journal.

import { type Caller, demand, managesOwn } from '../caller/caller.ts';
import type { Acting } from '../caller/ports.ts';
import { writeAs } from '../caller/write-as.ts';
import { demandCountable, reachOf } from '../credentials/api-token-privilege.ts';
import { importSubject } from '../credentials/named-tokens.ts';
import type { ApiToken } from '../credentials/records.ts';
import { invalid, KeywardError, notFound } from '../errors.ts';
import { newExternal } from '../external-record.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedDescription, checkedName } from '../name.ts';
import type { Sealer } from '../sealer.ts';
import { generateNumber, newId } from '../secret.ts';
import { recogniserFor } from './imported-secrets.ts';
import { type InsertingChanges, insertTokens, rejected } from './insert-tokens.ts';
import type { ImportOutcome, Prepared, Rejected } from './outcome.ts';
import type { Changes, ImportReads, SlowHasher } from './ports.ts';
import { checkedRules, type NewRecipe } from './recipe.ts';
import { type Recogniser, recogniserOf } from './recogniser.ts';
import type { ImportRecipe } from './records.ts';
import { provedSamples } from './samples.ts';
import { readSecret, type TokenRow } from './token-row.ts';
import { createTermsChecks, type TermsChecks, type TokenTerms } from './token-terms.ts';

export interface TokenImport {
  /** What the rows belong to, as the journal names it: the same for all batches of a file. */
  id: string;
  /** The recipe's name or id; for a dry run also one that is not made yet. */
  recipe: string | NewRecipe;
  /** For rows that do not say. */
  defaults?: Partial<TokenTerms>;
  rows: readonly TokenRow[];
  /** Looks what would be done and changes nothing. */
  dryRun?: boolean;
  /** Secrets that prove the recipe: which rows they are of. */
  samples?: readonly string[];
}

type ImportingChanges = InsertingChanges & Changes<'recipes'>;

export interface ImportingPorts extends Acting<ImportingChanges> {
  store: Acting<ImportingChanges>['store'] & Pick<ImportReads, 'recipes'>;
  sealer: Pick<Sealer, 'open'>;
  slowHasher: SlowHasher;
}

export const mostRows = 1000;
export const mostSamples = 20;

/**
 * Needs what `createApiToken` does, of each row. Throws `not_found` for an unknown recipe, `invalid_request` for more than a thousand rows;
 * what is wrong with a row is said of that row.
 */
export async function importApiTokens(
  ports: ImportingPorts,
  caller: Caller,
  wanted: TokenImport,
): Promise<ImportOutcome> {
  if (!managesOwn(caller)) demand(caller, 'create:organization_api_key');
  const { rows, samples = [], dryRun = false } = wanted;
  if (rows.length > mostRows) throw invalid('rows', `Send at most ${mostRows} rows at a time.`);
  if (samples.length > mostSamples) throw invalid('samples', `Send at most ${mostSamples} samples.`);
  const importId = checkedName('import', wanted.id);
  const { recipe, recogniser } = await recipeFor(ports, caller, wanted);
  const at = ports.clock();
  const own = await reachOf(ports.credentials, caller);
  demandCountable(caller, own);
  const checks = createTermsChecks(caller, own, at);
  const outcome: ImportOutcome = { added: 0, present: 0, rejected: [], samples: [], tokens: [] };
  const { defaults = {} } = wanted;
  const prepared: Prepared[] = [];
  for (const row of rows) {
    const one = prepare(recipe, recogniser, checks, termsOf(row, defaults), row);
    if ('detail' in one) outcome.rejected.push(one);
    else prepared.push(one);
  }
  outcome.samples = await provedSamples(ports, recipe, recogniser, samples, prepared);
  if (prepared.length === 0) return outcome;
  const detail = { recipe: recipe.id, recipeName: recipe.name };
  return written(ports, caller, dryRun, async (changes) => {
    // A commit that is tried again begins anew.
    const whole: ImportOutcome = { ...outcome, rejected: [...outcome.rejected] };
    const added = await insertTokens(changes, recipe, checks, prepared, whole);
    if (added.length > 0) {
      const tokens = added.map(({ id }) => id);
      whole.tokens = tokens;
      const done = { ...detail, added: added.length, present: whole.present, rejected: whole.rejected.length, tokens };
      changes.journal(entryOf(caller, at, 'import.tokens_added', { type: importSubject, id: importId }, done));
    }
    whole.rejected.sort((one, other) => one.line - other.line);
    return whole;
  });
}

/** Carries what a dry run found out of the change, which is undone by that. */
class DryRun extends Error {
  readonly outcome: ImportOutcome;
  constructor(outcome: ImportOutcome) {
    super('A dry run changes nothing.');
    this.outcome = outcome;
  }
}

async function written(
  ports: ImportingPorts,
  caller: Caller,
  dryRun: boolean,
  change: (changes: ImportingChanges) => Promise<ImportOutcome>,
): Promise<ImportOutcome> {
  if (!dryRun) return writeAs(ports, caller, change);
  try {
    return await writeAs(ports, caller, async (changes) => {
      throw new DryRun(await change(changes));
    });
  } catch (error) {
    if (error instanceof DryRun) return error.outcome;
    throw error;
  }
}

async function recipeFor(
  ports: ImportingPorts,
  caller: Caller,
  { recipe: wanted, dryRun = false }: TokenImport,
): Promise<{ recipe: ImportRecipe; recogniser: Recogniser | null }> {
  if (typeof wanted === 'string') {
    const recipe = await recipeNamed(ports, caller, wanted);
    return { recipe, recogniser: recogniserFor(ports.sealer, recipe) };
  }
  if (!dryRun) throw invalid('recipe', 'Make the recipe first, and name it here.');
  const organizationId = caller.organization.id;
  const rules = checkedRules(wanted);
  const recogniser = recogniserOf(rules, wanted.pepper?.secret ?? '', organizationId);
  const { name } = wanted;
  const recipe = {
    ...rules,
    id: newId(),
    organizationId,
    name,
    sealedPepper: null,
    createdAt: 0,
    createdBy: caller.id,
  };
  return { recipe, recogniser };
}

async function recipeNamed({ store }: ImportingPorts, caller: Caller, wanted: string): Promise<ImportRecipe> {
  const all = await store.recipes.list(caller.organization.id);
  const recipe = all.find(({ name, id }) => name === wanted || id === wanted);
  if (recipe === undefined) throw notFound('import recipe');
  return recipe;
}

const ofTerms = ['owner', 'permissions', 'use', 'expiresAt', 'addresses', 'apis', 'limits'] as const;

/** The same object for all rows that say nothing of their own. */
function termsOf(row: TokenRow, defaults: Partial<TokenTerms>): TokenTerms {
  const own = ofTerms.some((name) => row[name] !== undefined);
  if (!own) return Object.hasOwn(defaults, 'permissions') ? (defaults as TokenTerms) : { ...defaults, permissions: [] };
  const said = Object.fromEntries(ofTerms.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])));
  return { permissions: [], ...defaults, ...said };
}

function prepare(
  recipe: ImportRecipe,
  recogniser: ReturnType<typeof recogniserFor>,
  checks: TermsChecks,
  terms: TokenTerms,
  row: TokenRow,
): Prepared | Rejected {
  try {
    const granted = checks.checked(terms);
    if (granted instanceof KeywardError) throw granted;
    const secret = readSecret(recipe, recogniser, row);
    const digest = secret.keyOf(0);
    const { description, name } = row;
    const token: ApiToken = {
      ...granted,
      id: newId(),
      number: generateNumber(),
      name: name === undefined ? `imported-${digest.slice(0, 16)}` : checkedName('name', name),
      description: description === undefined ? '' : checkedDescription(description),
      digest,
      prefix: recipe.shape.prefix,
      lastFour: null,
      recipeId: recipe.id,
      ...(row.externalId === undefined && row.metadata === undefined ? noExternal : newExternal(row)),
    };
    return { line: row.line, secret, token, terms };
  } catch (error) {
    return rejected(row.line, error);
  }
}

const noExternal = { externalId: null, metadata: null };
