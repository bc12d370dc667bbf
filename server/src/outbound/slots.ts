// How many fetches are under way: so many in all, and a small part of them on behalf of one party, so that nobody's slow servers take
// the place of everybody's. Nobody waits: what finds no slot is told so.

export interface Slots {
  /** False if there is none; else it is the party's until `free`. */
  take(party: string): boolean;
  free(party: string): void;
}

export function createSlots(limits: { inAll: number; perParty: number }): Slots {
  const taken = new Map<string, number>();
  let inAll = 0;
  return {
    take(party) {
      const own = taken.get(party) ?? 0;
      if (inAll >= limits.inAll || own >= limits.perParty) return false;
      taken.set(party, own + 1);
      inAll += 1;
      return true;
    },
    free(party) {
      const own = (taken.get(party) ?? 1) - 1;
      if (own === 0) taken.delete(party);
      else taken.set(party, own);
      inAll -= 1;
    },
  };
}
