// The rows of a batch within their change: those that are new are inserted, those that are there already are counted, and of the
// others it is said what is in the way. What the rows are is decided before (import-tokens.ts).

import { takenIn } from '../credentials/api-token.ts';
import type { ApiToken } from '../credentials/records.ts';
import { KeywardError } from '../errors.ts';
import { generateNumber } from '../secret.ts';
import type { ImportOutcome, Prepared, Rejected } from './outcome.ts';
import type { Changes } from './ports.ts';
import { kindOf, mostAlike } from './recogniser.ts';
import type { ImportRecipe } from './records.ts';
import type { TermsChanges, TermsChecks } from './token-terms.ts';

export type InsertingChanges = Changes<'importedSecrets' | 'manyTokens' | 'apiTokens'> & TermsChanges;

/** Answers the tokens that are new, and adds to the outcome. */
export async function insertTokens(
  changes: InsertingChanges,
  recipe: ImportRecipe,
  checks: TermsChecks,
  prepared: readonly Prepared[],
  outcome: ImportOutcome,
): Promise<ApiToken[]> {
  const allowed: Prepared[] = [];
  for (const one of prepared) {
    const granted = await checks.granted(changes, one.terms);
    if (granted instanceof KeywardError) outcome.rejected.push(rejected(one.line, granted));
    else
      allowed.push(withToken(one, granted.expiresAt === one.token.expiresAt ? {} : { expiresAt: granted.expiresAt }));
  }
  const isNative = kindOf(recipe) === 'native';
  const free = isNative ? once(allowed, outcome) : await placed(changes, allowed, outcome);
  const added: Prepared[] = [];
  let waiting = free;
  // A number may be taken, of which another is drawn; whatever else is, stays taken.
  for (let attempt = 0; attempt < mostDraws && waiting.length > 0; attempt += 1) {
    const inserted = await changes.manyTokens.insertMany(waiting.map(({ token }) => token));
    const left: Prepared[] = [];
    for (const one of waiting) (inserted.has(one.token.id) ? added : left).push(one);
    waiting = await withOtherNumbers(changes, left, outcome);
  }
  for (const { line } of waiting) outcome.rejected.push({ line, reason: 'conflict', detail: 'Try again.' });
  if (!isNative) await insertSecrets(changes, recipe, added);
  outcome.added += added.length;
  return added.map(({ token }) => token);
}

/** What a refusal says of a row. */
export function rejected(line: number, error: unknown): Rejected {
  if (!(error instanceof KeywardError)) throw error;
  const { code, message, detail } = error;
  const [fault] = detail.faults ?? [];
  const field = fault?.at.at(-1);
  const named = typeof field === 'string' ? `${field}: ${message}` : message;
  if (code === 'invalid_request') return { line, reason: 'invalid', detail: named };
  if (code === 'conflict') return { line, reason: 'conflict', detail: message };
  if (code === 'forbidden') return { line, reason: 'forbidden', detail: message };
  throw error;
}

const mostDraws = 5;

function withToken(one: Prepared, change: Partial<ApiToken>): Prepared {
  return Object.keys(change).length === 0 ? one : { ...one, token: { ...one.token, ...change } };
}

/** A secret that stands twice in a batch is one token. */
function once(all: readonly Prepared[], outcome: ImportOutcome): Prepared[] {
  const seen = new Set<string>();
  return all.filter(({ token }) => {
    const isNew = !seen.has(token.digest);
    if (isNew) seen.add(token.digest);
    else outcome.present += 1;
    return isNew;
  });
}

/** Those whose secret is not there yet, each with what it is found by; of rows that are alike each in a place of its own. */
async function placed(
  changes: InsertingChanges,
  all: readonly Prepared[],
  outcome: ImportOutcome,
): Promise<Prepared[]> {
  const free: Prepared[] = [];
  const here = new Map<string, string>();
  let waiting = all;
  for (let slot = 0; slot < mostAlike && waiting.length > 0; slot += 1) {
    const keys = waiting.map(({ secret }) => secret.keyOf(slot));
    const known = await changes.importedSecrets.findMany(keys);
    const next: Prepared[] = [];
    for (const [index, one] of waiting.entries()) {
      const key = keys[index] ?? '';
      const { fingerprint } = one.secret;
      const there = known.get(key);
      if (here.get(key) === fingerprint) outcome.present += 1;
      else if (there !== undefined && there.fingerprint === fingerprint) {
        await tellOf(changes, one, { organizationId: there.organizationId, id: there.tokenId }, outcome);
      } else if (there !== undefined || here.has(key)) next.push(one);
      else {
        here.set(key, fingerprint);
        free.push(withToken(one, key === one.token.digest ? {} : { digest: key }));
      }
    }
    waiting = next;
  }
  for (const { line } of waiting) outcome.rejected.push({ line, reason: 'conflict', detail: tooAlike });
  return free;
}

const tooAlike = `More than ${mostAlike} rows are found by the same part of their secrets. Choose a longer one in the recipe's locator.`;

/** Of rows that were not inserted those with another number; of the others it is said what is in the way. */
async function withOtherNumbers(
  changes: InsertingChanges,
  left: readonly Prepared[],
  outcome: ImportOutcome,
): Promise<Prepared[]> {
  if (left.length === 0) return [];
  const holders = await changes.manyTokens.withDigests(left.map(({ token }) => token.digest));
  const again: Prepared[] = [];
  for (const one of left) {
    const holder = holders.get(one.token.digest);
    if (holder !== undefined) {
      await tellOf(changes, one, holder, outcome);
      continue;
    }
    const error = await takenIn(changes.apiTokens, one.token);
    if (error === null) again.push(withToken(one, { number: generateNumber() }));
    else outcome.rejected.push(rejected(one.line, error));
  }
  return again;
}

/** The secret is a token's already: of this organization it is the same row once more. */
async function tellOf(
  changes: InsertingChanges,
  { line, token }: Prepared,
  holder: { organizationId: string; id: string },
  outcome: ImportOutcome,
): Promise<void> {
  const conflict = (detail: string) => outcome.rejected.push({ line, reason: 'conflict', detail });
  if (holder.organizationId !== token.organizationId) return void conflict('The secret is in use already.');
  const known = await changes.apiTokens.find(token.organizationId, holder.id);
  if (known === null) return void conflict('The secret is in use already.');
  const name = JSON.stringify(known.name);
  if (known.lifecycle.deletedAt !== null) {
    return void conflict(`The secret is that of the API token ${name}, which was deleted. Restore that.`);
  }
  outcome.present += 1;
}

async function insertSecrets(
  changes: InsertingChanges,
  { id: recipeId, organizationId }: ImportRecipe,
  added: readonly Prepared[],
): Promise<void> {
  const secrets = added.map(({ token, secret: { hash, salt, fingerprint } }) => ({
    key: token.digest,
    tokenId: token.id,
    organizationId,
    recipeId,
    hash,
    salt,
    fingerprint,
  }));
  const kept = await changes.importedSecrets.insertMany(secrets);
  // Another node imports the same, and was a moment sooner.
  if (kept.size < secrets.length)
    throw new KeywardError('conflict', 'The same rows were imported meanwhile. Try again.');
}
