// What each credential was let in for, each thing once a day: which permissions, which APIs, from where. It is what advice on least
// privilege is made of. Of a call like the one before nothing is made.

import { covers } from '@keyward/rules/permission';
import type { ReportedUse } from '../../wire/verifier-reports.ts';
import type { Principal, Requirement } from '../verdict.ts';

/** What a check has at hand of a credential; `used` is this file's alone: to look it up would cost as much as a part of the check. */
export interface User {
  readonly principal: Principal;
  used: Seen | null;
}

export interface Uses {
  /** A call that was let in. */
  saw(user: User, requirement: Requirement): void;
  /** What is to be told now, and is not told again on this day. */
  take(): ReportedUse[];
  /** What was taken was not told: all is told anew. */
  forget(): void;
}

/** Of one credential on this day. Most have one value of each kind: only of those that have more there are sets. */
export interface Seen {
  /** Which time around all was forgotten. */
  epoch: number;
  /** As the last call said them: the next mostly says the same. */
  permissions: readonly string[];
  api: string;
  address: string;
  /** Lists of which all is told, by identity: routes have theirs for good. */
  lists: Set<readonly string[]>;
  known: { permissions: Set<string>; apis: Set<string>; addresses: Set<string> } | null;
  waiting: Waiting | null;
}

interface Waiting extends Required<ReportedUse> {
  permissions: string[];
  apis: string[];
  addresses: string[];
}

type Kind = 'permissions' | 'apis' | 'addresses';

/** Of some 150 bytes each; then all are forgotten at once, and told anew. */
const mostCredentials = 100_000;
/** Credentials that wait, and values; what comes then is told when it comes again. */
const mostWaiting = 20_000;
const mostWaitingValues = 100_000;
/** In a report. */
const mostInReport = 1000;
const mostValuesInReport = 5000;
/** Of one credential and kind on a day: what is beyond is told by nobody. */
const mostKnown = 200;
const mostLists = 32;
const dayMs = 24 * 3_600_000;
const none: readonly string[] = [];

/** `usualApi`: where calls go that name no API. `clock`: milliseconds since the epoch. */
export function createUses(usualApi: string, clock: () => number): Uses {
  const seen = new Map<string, Seen>();
  let waiting: Waiting[] = [];
  let values = 0;
  let epoch = 0;
  let day = dayOf(clock());

  const isFull = () => waiting.length >= mostWaiting || values >= mostWaitingValues;

  function begin({ type, id }: Principal): Waiting {
    const made = { credential: { type, id }, permissions: [], apis: [], addresses: [] };
    waiting.push(made);
    return made;
  }

  /** False if there is no room for it now. */
  function note(principal: Principal, one: Seen, kind: Kind, value: string): boolean {
    one.known ??= {
      permissions: new Set(one.permissions),
      apis: new Set([one.api]),
      addresses: new Set([one.address]),
    };
    const known = one.known[kind];
    if (known.has(value) || known.size >= mostKnown) return true;
    if (isFull()) return false;
    known.add(value);
    one.waiting ??= begin(principal);
    one.waiting[kind].push(value);
    values += 1;
    return true;
  }

  function forgetAll(): void {
    seen.clear();
    epoch += 1;
  }

  function noteFirst(principal: Principal, permissions: readonly string[], api: string, address: string): Seen | null {
    if (isFull()) return null;
    if (seen.size >= mostCredentials) forgetAll();
    const own = begin(principal);
    own.permissions.push(...permissions.slice(0, mostKnown));
    own.apis.push(api);
    own.addresses.push(address);
    values += own.permissions.length + 2;
    const made = { epoch, permissions, api, address, lists: noLists, known: null, waiting: own };
    seen.set(principal.id, made);
    return made;
  }

  function notePermissions(principal: Principal, one: Seen, permissions: readonly string[], match: Match): void {
    let isNoted = true;
    for (const permission of toldOf(principal, permissions, match)) {
      isNoted = note(principal, one, 'permissions', permission) && isNoted;
    }
    if (!isNoted) return;
    one.permissions = permissions;
    if (one.lists.size >= mostLists || one.lists === noLists) one.lists = new Set();
    one.lists.add(permissions);
  }

  function look(user: User, permissions: readonly string[], match: Match, api: string, address: string): void {
    const { principal } = user;
    if (principal.type === 'user') return;
    user.used = seen.get(principal.id) ?? null;
    const one = user.used;
    if (one === null) {
      const isTold = api.length <= longestApi && address.length <= longestAddress;
      if (isTold) user.used = noteFirst(principal, toldOf(principal, permissions, match), api, address);
      return;
    }
    if (one.permissions !== permissions && !areSame(one.permissions, permissions)) {
      if (one.lists.has(permissions)) one.permissions = permissions;
      else notePermissions(principal, one, permissions, match);
    }
    if (one.api !== api && api.length <= longestApi && note(principal, one, 'apis', api)) one.api = api;
    if (one.address === address || address.length > longestAddress) return;
    if (note(principal, one, 'addresses', address)) one.address = address;
  }

  return {
    saw(user, { permissions = none, match, api = usualApi, address = 'unknown' }) {
      const one = user.used;
      const isLikeBefore =
        one !== null &&
        one.epoch === epoch &&
        one.permissions === permissions &&
        one.api === api &&
        one.address === address;
      if (!isLikeBefore) look(user, permissions, match, api, address);
    },
    take() {
      const taken: Waiting[] = [];
      let count = 0;
      for (const one of waiting) {
        count += one.permissions.length + one.apis.length + one.addresses.length;
        if (taken.length >= mostInReport || (count > mostValuesInReport && taken.length > 0)) break;
        taken.push(one);
        values -= one.permissions.length + one.apis.length + one.addresses.length;
        const own = seen.get(one.credential.id);
        if (own?.waiting === one) own.waiting = null;
      }
      waiting = waiting.slice(taken.length);
      const today = dayOf(clock());
      if (today !== day) forgetAll();
      day = today;
      return taken;
    },
    forget() {
      forgetAll();
      [waiting, values] = [[], 0];
    },
  };
}

type Match = Requirement['match'];

/** Those that it was let in for; of several, of which one is enough, those that it holds. */
function toldOf({ permissions: held }: Principal, permissions: readonly string[], match: Match): readonly string[] {
  const isTold = (one: string) => one.length <= longestPermission && (match !== 'any' || covers(held, one));
  return permissions.every(isTold) ? permissions : permissions.filter(isTold);
}

/** Where a call says its permissions anew, it is mostly one. */
function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === 1 && other.length === 1 && one[0] === other[0];
}

const noLists: Set<readonly string[]> = new Set();

/** What is longer than Keyward takes is nothing that it has. */
const longestPermission = 129;
const longestApi = 64;
const longestAddress = 64;

const dayOf = (at: number) => Math.floor(at / dayMs);
