// Shares presence: tells all nodes of this node's verifiers, soon after each change and with every heartbeat, and reads of
// theirs for as long as a receipt waits. It knows nothing of what verifiers are told.

import { setTimeout as pause } from 'node:timers/promises';
import { answeringOf, unknownOthers } from '../core/feed/answering.ts';
import type { PresenceEntry, PresenceStore, PresenceSync, StoredPresence } from '../core/feed/ports.ts';
import type { Opened } from '../core/feed/receipt.ts';

export interface PresenceSyncOptions {
  presence: PresenceStore;
  node: string;
  /** Whoever is connected to this node, and the node itself. */
  lines(): readonly PresenceEntry[];
  /** One of this node's lines has been acknowledged elsewhere. */
  moved(id: string, cursor: number): void;
  /** After so long without renewal nobody need wait for a line. */
  goneAfterMs: number;
}

const soonMs = 20;
const readEveryMs = 40;

export function createPresenceSync({ presence, node, lines, moved, goneAfterMs }: PresenceSyncOptions): PresenceSync {
  /** What was told of each line, by its id. */
  const told = new Map<string, string>();
  const watching = new Map<string, Set<Opened>>();
  let telling: Promise<void> | null = null;
  let isClosed = false;

  async function put(some: readonly PresenceEntry[]): Promise<void> {
    if (some.length === 0) return;
    const stand = await presence.put(some);
    for (const line of some) told.set(line.id, stateOf(line));
    for (const { id, cursor } of stand) moved(id, cursor);
  }

  async function tellChanged(): Promise<void> {
    await pause(soonMs);
    telling = null;
    if (!isClosed) await put(lines().filter((line) => told.get(line.id) !== stateOf(line)));
  }

  const fromOthers = (entries: readonly StoredPresence[]) => entries.filter((entry) => entry.node !== node);

  /** One reader for all receipts of the same organizations. */
  async function readOn(organizationIds: readonly string[] | null, opened: Set<Opened>): Promise<void> {
    while (opened.size > 0) {
      // Whoever comes while this is read may wait for a change that was made after it.
      const asking = [...opened];
      const entries = await presence.read(organizationIds, goneAfterMs).catch(() => null);
      for (const one of asking) {
        if (entries !== null) {
          one.join(fromOthers(entries).map(answeringOf));
          one.dismiss(unknownOthers.key);
        }
        if (one.isOver()) opened.delete(one);
      }
      for (const { id, cursor } of entries ?? []) if (told.has(id)) moved(id, cursor);
      if (opened.size > 0) await pause(readEveryMs);
    }
    watching.delete(nameOf(organizationIds));
  }

  return {
    enter: (line) => put([line]),
    tellSoon() {
      if (isClosed) return;
      // What could not be told is told with the next heartbeat.
      telling ??= tellChanged().catch(() => {});
    },
    async tell() {
      if (isClosed) return;
      const all = lines();
      await put(all);
      // The lines of those that have gone end by themselves, when these trust nothing any more.
      const here = new Set(all.map(({ id }) => id));
      for (const id of told.keys()) if (!here.has(id)) told.delete(id);
    },
    watch(organizationIds, opened) {
      const name = nameOf(organizationIds);
      const known = watching.get(name);
      if (known !== undefined) return void known.add(opened);
      const set = new Set([opened]);
      watching.set(name, set);
      readOn(organizationIds, set);
    },
    async others(organizationId) {
      const entries = await presence.read([organizationId], goneAfterMs);
      return fromOthers(entries).filter((entry) => entry.organizationId === organizationId);
    },
    acknowledge: (organizationId, verifier, cursor) => presence.acknowledge(organizationId, verifier, cursor),
    async close() {
      isClosed = true;
      await telling;
      await presence.remove(lines().map(({ id }) => id));
    },
  };
}

function nameOf(organizationIds: readonly string[] | null): string {
  return organizationIds === null ? 'all' : [...organizationIds].sort().join(' ');
}

function stateOf({ verifier, cursor }: PresenceEntry): string {
  return `${cursor} ${verifier ?? ''}`;
}
