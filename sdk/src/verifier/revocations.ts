// Access tokens that were revoked one by one, by their ids. All that may still be good are loaded before any access token is
// decided about, and again after each reset; the feed tells of those that come.

import { createSingleFlight } from '@keyward/rules/single-flight';

export interface Revocations {
  /** True once all that were revoked are known. */
  readonly isWhole: boolean;
  /** True if one of these ids is among them. */
  hasAny(ids: readonly string[]): boolean;
  add(id: string): void;
  /** Loads those from before. One load however many ask. Rejects with KeywardError. */
  load(): Promise<void>;
  /** What is here may not be all: loads anew. */
  outdate(): void;
}

/** No access token lives longer: after twice that time none of them need be known. */
const longestLifetimeMs = 24 * 3_600_000;

/** `fetchAll` gives the ids that Keyward knows; `clock` is monotonic, in milliseconds. */
export function createRevocations(fetchAll: () => Promise<readonly string[]>, clock: () => number): Revocations {
  const loads = createSingleFlight<void>();
  let [young, old] = [new Set<string>(), new Set<string>()];
  let turnsAt = clock() + longestLifetimeMs;
  let isWhole = false;
  let outdated = 0;

  function add(id: string): void {
    if (clock() >= turnsAt) {
      [young, old] = [new Set(), young];
      turnsAt = clock() + longestLifetimeMs;
    }
    young.add(id);
  }

  async function loadAll(): Promise<void> {
    for (let heard = -1; heard !== outdated; ) {
      heard = outdated;
      for (const id of await fetchAll()) add(id);
    }
    isWhole = true;
  }

  const load = () => loads.join('all', loadAll);

  return {
    get isWhole() {
      return isWhole;
    },
    hasAny(ids) {
      for (const id of ids) if (young.has(id) || (old.size > 0 && old.has(id))) return true;
      return false;
    },
    add,
    load,
    outdate() {
      outdated += 1;
      isWhole = false;
      // A failure shows when a token is checked, and is tried again then.
      load().catch(() => {});
    },
  };
}
