// Presence in the supervisor's memory: core's PresenceStore for workers, which share one machine and end with it.

import type { PresenceEntry, PresenceStore, StoredPresence } from '../core/feed/ports.ts';

/** `now`: monotonic milliseconds. `clock`: milliseconds since the epoch. */
export function memoryPresence(now: () => number, clock: () => number): PresenceStore {
  const lines = new Map<string, { line: PresenceEntry & StoredPresence; seenAt: number }>();

  return {
    async put(entries) {
      const moved: { id: string; cursor: number }[] = [];
      for (const entry of entries) {
        const known = lines.get(entry.id)?.line;
        const before = known?.cursor ?? entry.cursor;
        const cursor = Math.max(entry.cursor, before);
        const connectedAt = known?.connectedAt ?? clock();
        const acknowledgedAt = known !== undefined && entry.cursor > before ? clock() : (known?.acknowledgedAt ?? null);
        const line = { ...entry, cursor, connectedAt, acknowledgedAt };
        lines.set(entry.id, { line, seenAt: now() });
        if (cursor > entry.cursor) moved.push({ id: entry.id, cursor });
      }
      return moved;
    },
    async remove(ids) {
      for (const id of ids) lines.delete(id);
    },
    async read(organizationIds, withinMs) {
      const recent = [...lines.values()].filter(({ seenAt }) => seenAt > now() - withinMs);
      const concerns = ({ organizationId, followsAll }: PresenceEntry) =>
        organizationIds === null || organizationId === null || followsAll || organizationIds.includes(organizationId);
      return recent.map(({ line }) => line).filter(concerns);
    },
    async acknowledge(organizationId, verifier, cursor) {
      for (const { line } of lines.values()) {
        if (line.organizationId !== organizationId || line.verifier !== verifier || line.cursor >= cursor) continue;
        line.cursor = cursor;
        line.acknowledgedAt = clock();
      }
    },
    async deleteOlder(thanMs) {
      for (const [id, { seenAt }] of lines) if (seenAt < now() - thanMs) lines.delete(id);
    },
  };
}
