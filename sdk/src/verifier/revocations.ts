// Access tokens that were revoked one by one, by their ids. All that may still be good are loaded before any access token is
// decided about, and again after each reset; the feed tells of those that come. When there are many they are listed anew, and
// those forgotten that need not be known any more.

import { createSingleFlight } from '@keyward/rules/single-flight';

export interface Revocations {
  /** True once all that were revoked are known. */
  readonly isWhole: boolean;
  /** How many are known. */
  readonly size: number;
  /** True if one of these ids is among them. */
  hasAny(ids: readonly string[]): boolean;
  add(id: string): void;
  /** Loads those from before. One load however many ask. Rejects with KeywardError. */
  load(): Promise<void>;
  /** What is here may not be all: loads anew. */
  outdate(): void;
}

/** The ids of all access tokens that were revoked and have not ended, as the journal stood at `cursor`, or later. */
export interface RevokedIds {
  ids: readonly string[];
  cursor: number;
}

/** With more than so many, and twice as many as were listed last, those that have ended are forgotten. */
const usuallyMost = 100_000;

/** `listAll` gives what Keyward knows; `heard`: up to which entry of the journal all is applied, null before any. */
export function createRevocations(
  listAll: () => Promise<RevokedIds>,
  heard: () => number | null,
  most = usuallyMost,
): Revocations {
  const loads = createSingleFlight<void>();
  let known = new Set<string>();
  /** What is listed anew, with what was told of since: it takes the place of `known` once nothing is missed by that. */
  let coming: { ids: Set<string>; cursor: number } | null = null;
  let listsAt = most;
  let isWhole = false;
  let outdated = 0;

  async function loadAll(): Promise<void> {
    for (let before = -1; before !== outdated; ) {
      before = outdated;
      for (const id of (await listAll()).ids) known.add(id);
    }
    isWhole = true;
  }

  const load = () => loads.join('all', loadAll);

  async function listAnew(): Promise<void> {
    const listed = { ids: new Set<string>(), cursor: Number.POSITIVE_INFINITY };
    coming = listed;
    // Where that fails, it is tried again a little later.
    listsAt = known.size + most / 10;
    try {
      const { ids, cursor } = await listAll();
      for (const id of ids) listed.ids.add(id);
      listed.cursor = cursor;
    } catch {
      if (coming === listed) coming = null;
    }
  }

  return {
    get isWhole() {
      return isWhole;
    },
    get size() {
      return known.size;
    },
    hasAny(ids) {
      for (const id of ids) if (known.has(id)) return true;
      return false;
    },
    add(id) {
      known.add(id);
      coming?.ids.add(id);
      if (coming === null) {
        if (known.size > listsAt) listAnew();
        return;
      }
      // Sooner, whose tokens ended all at once might be remembered as before.
      if ((heard() ?? -1) < coming.cursor) return;
      known = coming.ids;
      listsAt = Math.max(most, 2 * known.size);
      coming = null;
    },
    load,
    outdate() {
      outdated += 1;
      isWhole = false;
      coming = null;
      // A failure shows when a token is checked, and is tried again then.
      load().catch(() => {});
    },
  };
}
