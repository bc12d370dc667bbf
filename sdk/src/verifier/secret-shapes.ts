// What secrets look like that were made elsewhere and imported: what is of none of these shapes, and of no form of Keyward's own, is
// refused without asking. All are loaded before anything is refused for that, and again when the feed says that they changed.

import { hasAnyShape, type SecretShape } from '@keyward/rules/secret-shape';
import { createSingleFlight } from '@keyward/rules/single-flight';

export interface SecretShapes {
  /** True once all are known. */
  readonly isWhole: boolean;
  /** True for text of one of them. */
  has(text: string): boolean;
  /** One load however many ask. Rejects with KeywardError. */
  load(): Promise<void>;
  /** They may be others by now: loads anew. */
  outdate(): void;
}

export function createSecretShapes(listAll: () => Promise<readonly SecretShape[]>): SecretShapes {
  const loads = createSingleFlight<void>();
  let shapes: readonly SecretShape[] = [];
  let isWhole = false;
  let outdated = 0;

  async function loadAll(): Promise<void> {
    for (let before = -1; before !== outdated; ) {
      before = outdated;
      shapes = await listAll();
    }
    isWhole = true;
  }

  const load = () => loads.join('all', loadAll);

  return {
    get isWhole() {
      return isWhole;
    },
    has: (text) => shapes.length > 0 && hasAnyShape(shapes, text),
    load,
    outdate() {
      outdated += 1;
      isWhole = false;
      // A failure shows when a credential is checked, and is tried again then.
      load().catch(() => {});
    },
  };
}
