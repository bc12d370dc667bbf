// What each credential was let in for, each thing once a day: which permissions, which APIs, from where. It is what advice on least
// privilege is made of. Of a call like the one before nothing is made.

import { covers } from '@keyward/rules/permission';
import type { ReportedUse } from '../../wire/verifier-reports.ts';
import type { Principal, Requirement } from '../verdict.ts';

export interface Uses {
  /** A call that was let in. */
  saw(principal: Principal, requirement: Requirement): void;
  /** What is to be told now, and is not told again on this day. */
  take(): ReportedUse[];
  /** What was taken was not told: all is told anew. */
  forget(): void;
}

interface Seen {
  /** As the last call said them: the next mostly says the same. */
  permissions: readonly string[];
  api: string;
  address: string;
  /** What was told on this day, or waits to be. */
  known: Set<string>;
  waiting: Waiting | null;
}

interface Waiting extends Required<ReportedUse> {
  permissions: string[];
  apis: string[];
  addresses: string[];
}

/** Then all are forgotten at once, and told anew. */
const mostCredentials = 20_000;
/** In a report: credentials, what each was used for of one kind, and all of that. The rest waits for the next. */
const mostInReport = 200;
const mostOfOne = 200;
const mostWaiting = 2000;
/** Of one credential on a day. */
const mostKnown = 500;
const dayMs = 24 * 3_600_000;
const none: readonly string[] = [];

/** `usualApi`: where calls go that name no API. `clock`: milliseconds since the epoch. */
export function createUses(usualApi: string, clock: () => number): Uses {
  const seen = new Map<string, Seen>();
  let waiting: Waiting[] = [];
  let count = 0;
  let day = dayOf(clock());

  /** False if there is no room for it now. */
  function note(principal: Principal, one: Seen, kind: 'permissions' | 'apis' | 'addresses', value: string): boolean {
    const key = `${kind} ${value}`;
    if (one.known.has(key) || one.known.size >= mostKnown) return true;
    if (one.waiting === null && waiting.length >= mostInReport) return false;
    one.waiting ??= begin(principal);
    const values = one.waiting[kind];
    if (values.length >= mostOfOne || count >= mostWaiting) return false;
    one.known.add(key);
    values.push(value);
    count += 1;
    return true;
  }

  function begin({ type, id }: Principal): Waiting {
    const made = { credential: { type, id }, permissions: [], apis: [], addresses: [] };
    waiting.push(made);
    return made;
  }

  function seenOf(id: string): Seen {
    if (seen.size >= mostCredentials) seen.clear();
    const made = { permissions: none, api: '', address: '', known: new Set<string>(), waiting: null };
    seen.set(id, made);
    return made;
  }

  return {
    saw(principal, { permissions = none, match, api = usualApi, address = 'unknown' }) {
      if (principal.type === 'user') return;
      const one = seen.get(principal.id) ?? seenOf(principal.id);
      if (one.permissions === permissions && one.api === api && one.address === address) return;
      let isNoted = note(principal, one, 'apis', api);
      for (const permission of permissions) {
        if (permission.length > 129 || (match === 'any' && !covers(principal.permissions, permission))) continue;
        isNoted = note(principal, one, 'permissions', permission) && isNoted;
      }
      if (address.length <= 64) isNoted = note(principal, one, 'addresses', address) && isNoted;
      if (!isNoted) return;
      one.permissions = permissions;
      one.api = api;
      one.address = address;
    },
    take() {
      const taken = waiting;
      [waiting, count] = [[], 0];
      for (const { credential } of taken) {
        const one = seen.get(credential.id);
        if (one !== undefined) one.waiting = null;
      }
      const today = dayOf(clock());
      if (today !== day) seen.clear();
      day = today;
      return taken;
    },
    forget: () => {
      seen.clear();
      [waiting, count] = [[], 0];
    },
  };
}

const dayOf = (at: number) => Math.floor(at / dayMs);
