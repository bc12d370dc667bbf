// Remembers what each credential was used for on a day, each thing once, and writes it down in batches: a check makes nothing
// where it does what it did before, never waits and never writes.

import { addressKey } from '@keyward/rules/address';
import { covers } from '@keyward/rules/permission';
import type { AccessTokenSource } from '../core/caller/source.ts';
import { type CredentialUse, dayMs, type ReachRecorder } from '../core/checking/advice/recorder.ts';
import type { Store } from '../core/ports.ts';

export interface UsedReaches extends ReachRecorder {
  /** Writes all that was seen before this call. What cannot be written is kept for the next time, and then it rejects. */
  flush(): Promise<void>;
}

/** Of one credential on one day. */
interface Seen {
  day: number;
  /** The last list that was told, and the last of each: mostly the next is the same. */
  permissions: readonly string[] | undefined;
  api: string | undefined;
  address: string | undefined;
  /** What was told on this day. */
  known: Set<string>;
  addresses: number;
  ranges: number;
}

/** Of some 500 bytes each; then they are forgotten all at once, and told anew. */
const mostCredentials = 50_000;
const mostWaiting = 50_000;
const mostPermissions = 500;
/** So many addresses a day are told apart, then so many ranges of them; beyond that they are many. */
const mostAddresses = 32;
const mostRanges = 64;
const perWrite = 50;
const anywhere: readonly string[] = [];

export function usedReaches(store: Pick<Store, 'write'>): UsedReaches {
  const seen = new Map<string, Seen>();
  let waiting = new Map<string, CredentialUse>();
  let flushing: Promise<void> = Promise.resolve();

  const seenOf = (id: string, day: number): Seen => {
    const known = seen.get(id);
    if (known?.day === day) return known;
    if (seen.size >= mostCredentials) seen.clear();
    const fresh = {
      day,
      permissions: undefined,
      api: undefined,
      address: undefined,
      known: new Set<string>(),
      addresses: 0,
      ranges: 0,
    };
    seen.set(id, fresh);
    return fresh;
  };

  const keep = (key: string, use: CredentialUse): void => {
    const known = waiting.get(key);
    if (known !== undefined) {
      const [firstDay, lastDay] = [Math.min(known.firstDay, use.firstDay), Math.max(known.lastDay, use.lastDay)];
      waiting.set(key, { ...use, firstDay, lastDay });
    } else if (waiting.size < mostWaiting) waiting.set(key, use);
  };

  const note = (
    one: Seen,
    source: AccessTokenSource,
    organizationId: string,
    kind: CredentialUse['kind'],
    value: string,
  ): boolean => {
    const key = `${kind} ${value}`;
    if (one.known.has(key)) return false;
    one.known.add(key);
    keep(`${source.id} ${key}`, { source, organizationId, kind, value, firstDay: one.day, lastDay: one.day });
    return true;
  };

  const noteAddress = (one: Seen, source: AccessTokenSource, organizationId: string, address: string): void => {
    if (one.known.has(`address ${address}`)) return;
    if (one.addresses < mostAddresses) {
      if (note(one, source, organizationId, 'address', address)) one.addresses += 1;
      return;
    }
    const range = rangeOf(address);
    if (one.known.has(`address ${range}`)) return;
    const value = one.ranges < mostRanges ? range : 'many';
    if (note(one, source, organizationId, 'address', value)) one.ranges += 1;
  };

  const write = async (): Promise<void> => {
    const taken = [...waiting].sort(([one], [other]) => (one < other ? -1 : 1));
    waiting = new Map();
    for (let at = 0; at < taken.length; at += perWrite) {
      const some = taken.slice(at, at + perWrite).map(([, use]) => use);
      try {
        await store.write(({ uses }) => uses.note(some));
      } catch (error) {
        for (const [key, use] of taken.slice(at)) keep(key, use);
        throw error;
      }
    }
  };

  return {
    saw(source, organizationId, { permissions = anywhere, match, api, address = 'unknown' }, held, at) {
      if (source.type === 'user') return;
      const one = seenOf(source.id, Math.floor(at / dayMs));
      if (permissions !== one.permissions && one.known.size < mostPermissions) {
        one.permissions = permissions;
        for (const permission of permissions) {
          if (match !== 'any' || covers(held, permission)) note(one, source, organizationId, 'permission', permission);
        }
      }
      if (api !== undefined && api !== one.api) {
        one.api = api;
        note(one, source, organizationId, 'api', api);
      }
      if (address === one.address) return;
      one.address = address;
      noteAddress(one, source, organizationId, address);
    },
    used(source, organizationId, { permissions, apis, addresses }, at) {
      if (source.type === 'user') return;
      const one = seenOf(source.id, Math.floor(at / dayMs));
      for (const permission of permissions) {
        if (one.known.size < mostPermissions) note(one, source, organizationId, 'permission', permission);
      }
      for (const api of apis) note(one, source, organizationId, 'api', api);
      for (const address of addresses) noteAddress(one, source, organizationId, address);
    },
    flush: () => {
      flushing = flushing.catch(() => {}).then(write);
      return flushing;
    },
  };
}

/** The /24 of an IPv4 address, the /64 of an IPv6 one. */
function rangeOf(address: string): string {
  const key = addressKey(address);
  return key.includes(':') || !key.includes('.') ? key : `${key.slice(0, key.lastIndexOf('.'))}.0/24`;
}
