// Places for calls in memory, made once and used again: which call goes when there is no more room. Of an organization the
// oldest goes, of the kind (let in or refused) that has more than half of its places; of a full node the oldest of all.

/** Calls of one kind, from the oldest to the newest. */
export interface Line {
  first: number;
  last: number;
  count: number;
}

/** What an organization has: calls that were let in, and refused ones. */
export interface Lines {
  allowed: Line;
  refused: Line;
}

export function newLines(): Lines {
  return { allowed: { first: none, last: none, count: 0 }, refused: { first: none, last: none, count: 0 } };
}

export interface Slots {
  /** A place at the end of a line. `left` is told whose line a call left to make room for it. */
  take(lines: Lines, kind: keyof Lines, left: (place: number) => Line): number;
  /** From the newest to the oldest, until `look` says false. */
  each(look: (place: number) => boolean): void;
}

/** No place. */
export const none = -1;

export function createSlots(perOrganization: number, perNode: number): Slots {
  const [older, newer] = [new Int32Array(perNode), new Int32Array(perNode)];
  const [olderInLine, newerInLine] = [new Int32Array(perNode), new Int32Array(perNode)];
  const all: Line = { first: none, last: none, count: 0 };
  const half = perOrganization / 2;

  /** The place to use again, if the organization has as many as it may have. */
  const full = ({ allowed, refused }: Lines, kind: keyof Lines): Line | null => {
    if (allowed.count + refused.count < perOrganization) return null;
    const [own, other] = kind === 'allowed' ? [allowed, refused] : [refused, allowed];
    return own.count === 0 || other.count > half ? other : own;
  };

  const empty = (line: Line): number => {
    const place = line.first;
    unlink(line, place, olderInLine, newerInLine);
    unlink(all, place, older, newer);
    return place;
  };

  return {
    take(lines, kind, left) {
      const own = full(lines, kind);
      const place = own !== null ? empty(own) : all.count < perNode ? all.count : empty(left(all.first));
      append(lines[kind], place, olderInLine, newerInLine);
      append(all, place, older, newer);
      return place;
    },
    each(look) {
      let place = all.last;
      while (place !== none && look(place)) place = older[place] ?? none;
    },
  };
}

function append(line: Line, place: number, older: Int32Array, newer: Int32Array): void {
  older[place] = line.last;
  newer[place] = none;
  if (line.last === none) line.first = place;
  else newer[line.last] = place;
  line.last = place;
  line.count += 1;
}

function unlink(line: Line, place: number, older: Int32Array, newer: Int32Array): void {
  const [before, after] = [older[place] ?? none, newer[place] ?? none];
  if (before === none) line.first = after;
  else newer[before] = after;
  if (after === none) line.last = before;
  else older[after] = before;
  line.count -= 1;
}
