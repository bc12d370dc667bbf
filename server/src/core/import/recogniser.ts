// What a recipe comes to: by what an imported secret is found, and what it is held against once it is. Pure; it asks nobody.

import { hasShape, type SecretShape } from '@keyward/rules/secret-shape';
import { digestOf, digestsEqual } from '../secret.ts';
import { digestBy, type FastAlgorithm, isSlow } from './foreign-hash.ts';
import type { ImportedSecret, Locator, RecipeRules } from './records.ts';

/**
 * `native`: the digest that was imported is the one that Keyward keeps itself. `digest`: its row is found by the recipe's own
 * digest. `located`: by a part of the secret, as its salt is known only then.
 */
export type RecipeKind = 'native' | 'digest' | 'located';

/** So many rows may share what they are found by: each costs a hash. */
export const mostAlike = 4;

export function kindOf(rules: Omit<RecipeRules, 'shape'>): RecipeKind {
  if (rules.algorithm === 'raw') return 'native';
  if (isSlow(rules.algorithm) || rules.salt !== 'none') return 'located';
  const isPlain = rules.algorithm === 'sha256' && rules.hashed === 'whole' && rules.pepper === 'none';
  return isPlain && rules.before === '' && rules.after === '' ? 'native' : 'digest';
}

export interface Recogniser {
  kind: 'digest' | 'located';
  /** The same for recipes that find the same secrets: one look serves them all. */
  signature: string;
  shapes: SecretShape[];
  fits(text: string): boolean;
  /** What a secret of the shape is found by; `slot` counts those that are alike, from 0 on. Null where it has no such part. */
  keyOf(text: string, slot: number): string | null;
  /** What a slow algorithm hashed, of a secret; null where nothing was. */
  inputOf(text: string, salt: string): string | null;
  isSlow: boolean;
  /** Of fast algorithms: whether the secret is the one that was imported. */
  proves(secret: Pick<ImportedSecret, 'hash' | 'salt'>, text: string): boolean;
}

/** Null for a recipe whose secrets are found as Keyward's own are. `organizationId`: whose it is. */
export function recogniserOf(rules: RecipeRules, pepper: string, organizationId: string): Recogniser | null {
  const kind = kindOf(rules);
  if (kind === 'native') return null;
  const { algorithm, shape, hashed, before, after } = rules;
  const signature = signatureOf(rules, pepper, organizationId);
  const shapes = [shape];
  const inputOf = (text: string, salt: string): string | null => {
    const part = partHashed(rules, hashed, text);
    if (part === null) return null;
    const core = `${before}${part}${after}`;
    const salted = rules.salt === 'before' ? salt + core : rules.salt === 'after' ? core + salt : core;
    return rules.pepper === 'before' ? pepper + salted : rules.pepper === 'after' ? salted + pepper : salted;
  };
  const digest = (text: string, salt: string) => {
    const input = inputOf(text, salt);
    return input === null ? null : digestBy(algorithm as FastAlgorithm, input, rules.pepper === 'key' ? pepper : '');
  };
  return {
    kind,
    signature,
    shapes,
    fits: (text) => shapes.some((one) => hasShape(one, text)),
    keyOf(text, slot) {
      if (kind === 'digest') {
        const own = slot === 0 ? digest(text, '') : null;
        return own && keyOfDigest(signature, own);
      }
      const located = slot < mostAlike ? locate(rules.locator, text) : null;
      return located && keyOfLocator(signature, located, slot);
    },
    inputOf,
    isSlow: isSlow(algorithm),
    proves({ hash, salt }, text) {
      const own = digest(text, salt ?? '');
      return own !== null && hash !== null && digestsEqual(digestOf(own), digestOf(hash));
    },
  };
}

/**
 * What recipes of the same signature make of a secret is the same. Where rows are found by a part of it, each organization has
 * its own: nobody takes the places of somebody else's.
 */
function signatureOf(rules: RecipeRules, pepper: string, organizationId: string): string {
  const { algorithm, hashed, before, after, salt, locator } = rules;
  const prefix = hashed === 'after_prefix' ? rules.shape.prefix : '';
  const family = isSlow(algorithm) ? 'slow' : algorithm;
  const whose = kindOf(rules) === 'located' ? organizationId : '';
  return digestOf(JSON.stringify([whose, family, hashed, prefix, before, after, salt, rules.pepper, pepper, locator]));
}

export function keyOfDigest(signature: string, digest: string): string {
  return digestOf(`digest ${signature} ${digest}`);
}

export function keyOfLocator(signature: string, located: string, slot: number): string {
  return digestOf(`locator ${signature} ${slot} ${located}`);
}

/** The part that finds the row, or null for a text without it. */
export function locate(locator: Locator | null, text: string): string | null {
  if (locator === null) return null;
  if ('start' in locator) {
    const end = locator.start + locator.length;
    return text.length > end ? text.slice(locator.start, end) : null;
  }
  const parts = text.split(locator.separator);
  const part = parts.length > 1 ? parts[locator.part] : undefined;
  return part === undefined || part === '' ? null : part;
}

function partHashed({ shape, locator }: RecipeRules, hashed: RecipeRules['hashed'], text: string): string | null {
  if (hashed === 'whole') return text;
  if (hashed === 'after_prefix') return text.startsWith(shape.prefix) ? text.slice(shape.prefix.length) : null;
  if (locator === null || !('separator' in locator)) return null;
  const at = text.lastIndexOf(locator.separator);
  return at < 0 ? null : text.slice(at + locator.separator.length);
}
