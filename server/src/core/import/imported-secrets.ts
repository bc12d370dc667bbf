// Secrets that were made elsewhere, recognised on the hot path: in memory which recipes there are, and which texts are known to
// be, or not to be, what a row was made from. What has no shape costs nothing; what has one and is unknown, a digest for each way.

import { hasAnyShape, type SecretShape } from '@keyward/rules/secret-shape';
import { createSingleFlight } from '@keyward/rules/single-flight';
import { type Awaitable, whenHere } from '../awaitable.ts';
import type { CredentialRecord } from '../caller/records.ts';
import type { Sealer } from '../sealer.ts';
import { digestOf } from '../secret.ts';
import { serializedLoad } from '../serialized-load.ts';
import type { ImportReads, SlowHasher } from './ports.ts';
import { type Recogniser, recogniserOf } from './recogniser.ts';
import type { FoundImported, ImportRecipe } from './records.ts';
import type { Settling } from './settling.ts';

/** The lookups by digest of whoever asks: in memory, or in the database. */
export type ByDigest = (digest: string) => Awaitable<CredentialRecord | null>;

export interface ImportedSecrets {
  /** True for text that an imported secret may be: all that is worth a digest. */
  mayBe(text: string): boolean;
  /** The token with this secret, whatever it is worth now; null if there is none. */
  find(text: string, byDigest: ByDigest): Awaitable<FoundImported | null>;
  /** Of one organization, or with null of all. */
  shapesOf(organizationId: string | null): SecretShape[];
  /** How many ways of finding a row there are, beside the native one. */
  readonly ways: number;
  reload(): Promise<void>;
}

export interface ImportedSecretsPorts {
  store: ImportReads;
  sealer: Pick<Sealer, 'open'>;
  slowHasher: SlowHasher;
  settling: Pick<Settling, 'add'>;
}

/** Texts whose answer is remembered: what a row was made from never changes. */
const mostProved = 20_000;

/** Opens it over the store's recipes; call `reload` before the first use. */
export function createImportedSecrets(ports: ImportedSecretsPorts): ImportedSecrets {
  let recipes: readonly ImportRecipe[] = [];
  let shapes: readonly SecretShape[] = [];
  let recognisers: readonly Recogniser[] = [];
  const proved = new Map<string, boolean>();
  const proofs = createSingleFlight<boolean>();

  /** Whether a text is what the row with this key was made from. */
  function proves(recogniser: Recogniser, key: string, text: string): Awaitable<boolean> {
    if (recogniser.kind === 'digest') return true;
    const name = digestOf(`${key}${text}`);
    const known = proved.get(name);
    if (known !== undefined) return known;
    return proofs.join(name, async () => {
      const secret = await ports.store.importedSecrets.find(key);
      // In the native form by now: whoever asks looks for that once more.
      if (secret === null || secret.hash === null) return false;
      const is = recogniser.isSlow
        ? await isHashed(recogniser.inputOf(text, ''), secret.hash)
        : recogniser.proves(secret, text);
      if (proved.size >= mostProved) for (const oldest of proved.keys()) if (proved.delete(oldest)) break;
      proved.set(name, is);
      return is;
    });
  }

  async function isHashed(input: string | null, stored: string): Promise<boolean> {
    return input !== null && (await ports.slowHasher.verify(stored, input));
  }

  function findBy(recogniser: Recogniser, text: string, byDigest: ByDigest, slot = 0): Awaitable<FoundImported | null> {
    const key = recogniser.keyOf(text, slot);
    if (key === null) return null;
    return whenHere(byDigest(key), (record) => {
      if (record === null) return null;
      return whenHere(proves(recogniser, key, text), (is) =>
        is ? { record, digest: key } : findBy(recogniser, text, byDigest, slot + 1),
      );
    });
  }

  function findFrom(at: number, text: string, byDigest: ByDigest): Awaitable<FoundImported | null> {
    for (let index = at; index < recognisers.length; index += 1) {
      const recogniser = recognisers[index];
      if (recogniser === undefined || !recogniser.fits(text)) continue;
      return whenHere(findBy(recogniser, text, byDigest), (found) => found ?? findFrom(index + 1, text, byDigest));
    }
    return null;
  }

  return {
    mayBe: (text) => shapes.length > 0 && hasAnyShape(shapes, text),
    find(text, byDigest) {
      const native = digestOf(text);
      return whenHere(byDigest(native), (record) => {
        if (record !== null) return { record, digest: native };
        if (recognisers.length === 0) return null;
        const found = findFrom(0, text, byDigest);
        const settle = (one: FoundImported | null) => {
          if (one !== null) ports.settling.add(one, native);
          return one;
        };
        if (!(found instanceof Promise)) return settle(found);
        // While it was looked for it may have been brought into the native form.
        const again = () =>
          whenHere(byDigest(native), (settled) => (settled === null ? null : { record: settled, digest: native }));
        return found.then((one) => settle(one) ?? again());
      });
    },
    shapesOf: (organizationId) =>
      organizationId === null ? [...shapes] : distinct(recipes.filter((one) => one.organizationId === organizationId)),
    get ways() {
      return recognisers.length;
    },
    reload: serializedLoad(async () => {
      recipes = await ports.store.recipes.listAll();
      shapes = distinct(recipes);
      recognisers = merged(recipes.map((recipe) => recogniserFor(ports.sealer, recipe)));
    }),
  };
}

/** Null for one whose secrets are found as Keyward's own are, or whose pepper cannot be opened any more. */
export function recogniserFor(sealer: Pick<Sealer, 'open'>, recipe: ImportRecipe): Recogniser | null {
  const { sealedPepper, id } = recipe;
  const pepper = sealedPepper === null ? '' : sealer.open('import-pepper', sealedPepper, id);
  return pepper === null ? null : recogniserOf(recipe, pepper, recipe.organizationId);
}

/** One for each signature, with the shapes of all. */
function merged(all: readonly (Recogniser | null)[]): Recogniser[] {
  const bySignature = new Map<string, Recogniser>();
  for (const one of all) {
    if (one === null) continue;
    const known = bySignature.get(one.signature);
    if (known === undefined) bySignature.set(one.signature, one);
    else known.shapes.push(...one.shapes);
  }
  return [...bySignature.values()];
}

function distinct(recipes: readonly ImportRecipe[]): SecretShape[] {
  return [...new Map(recipes.map(({ shape }) => [JSON.stringify(shape), shape])).values()];
}
