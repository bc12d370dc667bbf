// The calls that this node remembers, in memory alone: so many of each organization, and so many of all. It is told of each
// check, which must not notice; who may see what is decided by whoever reads.

import type { CredentialRecord } from '../../caller/records.ts';
import type { AccessTokenSource } from '../../caller/source.ts';
import type { Reason } from '../../errors.ts';
import { groundsOf } from './grounds.ts';
import type { Grounds, KeptCall } from './kept-call.ts';
import { anySecrets, ownSecrets, textKeeper } from './kept-texts.ts';
import { isKept, newPace, type Pace } from './pace.ts';
import type { CallRecorder, SeenCall } from './recorder.ts';
import { createSlots, type Line, type Lines, newLines } from './slots.ts';

export interface RecentCalls extends CallRecorder {
  readonly node: string;
  /** From the newest to the oldest, until `look` says false. */
  each(look: (call: KeptCall) => boolean): void;
  /** The newest of this id that is meant: those of calls that were checked elsewhere are whatever they were said to be. */
  find(refusalId: string, isMeant: (call: KeptCall) => boolean): KeptCall | null;
  /** Remembers a call that was checked elsewhere. */
  keep(call: KeptCall): void;
}

export interface RecentCallsOptions {
  /** This node's name: a new one with each start, so that no refusal's id is ever given twice. */
  node: string;
  perOrganization?: number;
  perNode?: number;
  /** Calls of an organization in a second that are all remembered, of those that were let in, and of refused ones. */
  allowedPerSecond?: number;
  refusedPerSecond?: number;
}

/** Of one organization, or of nobody known. */
interface Share extends Lines {
  organizationId: string | null;
  paces: { allowed: Pace; refused: Pace };
  /** As they were kept last: most calls are like the one before. */
  address: string | null;
  userAgent: string | null;
  permissions: readonly string[];
}

/** A place: filled again and again, so that a check makes no garbage. When, and which refusal, stands beside it. */
interface Place {
  share: Share;
  line: Line;
  node: string;
  source: AccessTokenSource | null;
  ownerId: string | null;
  rule: string;
  method: string | null;
  verdict: 'allowed' | Reason;
  grounds: Grounds | null;
  observedUntil: number | null;
  address: string | null;
  userAgent: string | null;
  permissions: readonly string[];
  api: string | null;
  /** Of a call that was checked elsewhere. */
  refusalId: string | null;
  skipped: number;
}

const none: readonly string[] = Object.freeze([]);

export function createRecentCalls(options: RecentCallsOptions): RecentCalls {
  const { node, perOrganization = 1000, perNode = 50_000 } = options;
  const { allowedPerSecond = 10, refusedPerSecond = 50 } = options;
  const slots = createSlots(perOrganization, perNode);
  const places: Place[] = [];
  const times = new Float64Array(perNode);
  /** Which refusal of this node it was; 0 for none. */
  const numbers = new Float64Array(perNode);
  const shares = new Map<string | null, Share>();
  const keepText = textKeeper(anySecrets);
  const keepPermission = textKeeper(ownSecrets);
  let refusals = 0;

  const shareOf = (organizationId: string | null): Share => {
    const known = shares.get(organizationId);
    if (known !== undefined) return known;
    const paces = { allowed: newPace(), refused: newPace() };
    const made = { ...newLines(), organizationId, paces, address: null, userAgent: null, permissions: none };
    shares.set(organizationId, made);
    return made;
  };

  /** The line that a call leaves; with the last of an organization goes what was kept for it. */
  const leave = (at: number): Line => {
    const { share, line } = places[at] as Place;
    if (share.allowed.count + share.refused.count === 1) shares.delete(share.organizationId);
    return line;
  };

  const take = (share: Share, kind: keyof Lines): number => {
    const at = slots.take(share, kind, leave);
    const place = places[at];
    if (place === undefined) places[at] = newPlace(share, share[kind], node);
    else {
      place.share = share;
      place.line = share[kind];
      place.node = node;
      place.refusalId = null;
    }
    // It was emptied for this call, if it had none left.
    shares.set(share.organizationId, share);
    return at;
  };

  const keepPermissions = (share: Share, asked: readonly string[]): readonly string[] => {
    if (areSame(share.permissions, asked)) return share.permissions;
    share.permissions = asked.length === 0 ? none : Object.freeze(asked.slice(0, mostPermissions).map(keepPermission));
    return share.permissions;
  };

  const fill = (
    place: Place,
    share: Share,
    record: CredentialRecord | null,
    { rule, method, address, userAgent, permissions, api }: SeenCall,
  ): void => {
    place.source = record === null ? null : record.source;
    place.ownerId = record === null ? null : record.owner.id;
    place.rule = rule ?? '';
    place.method = method ?? null;
    place.api = api ?? null;
    if (address === undefined) place.address = null;
    else {
      if (share.address !== address) share.address = keepText(address);
      place.address = share.address;
    }
    if (userAgent === undefined) place.userAgent = null;
    else {
      if (share.userAgent !== userAgent) share.userAgent = keepText(userAgent);
      place.userAgent = share.userAgent;
    }
    place.permissions = keepPermissions(share, permissions ?? none);
  };

  const callAt = (at: number): KeptCall => {
    const { share, line: _, refusalId, ...place } = places[at] as Place;
    const number = numbers[at] ?? 0;
    return {
      ...place,
      at: times[at] ?? 0,
      organizationId: share.organizationId,
      refusalId: refusalId ?? (number === 0 ? null : `${node}-${number}`),
    };
  };

  return {
    node,
    saw(record, credential, call, verdict, now) {
      const share = shareOf(record === null ? null : record.organization.id);
      const isAllowed = verdict.allowed;
      const would = isAllowed ? verdict.wouldRefuse?.[0] : undefined;
      const refusal = isAllowed ? would : verdict;
      if (refusal !== undefined) {
        refusals += 1;
        refusal.refusalId = `${node}-${refusals}`;
      }
      const kind = refusal === undefined ? 'allowed' : 'refused';
      const pace = share.paces[kind];
      if (!isKept(pace, Math.floor(now / 1000), kind === 'allowed' ? allowedPerSecond : refusedPerSecond)) return;
      const at = take(share, kind);
      const place = places[at] as Place;
      times[at] = now;
      numbers[at] = refusal === undefined ? 0 : refusals;
      place.skipped = pace.skipped;
      pace.skipped = 0;
      place.verdict = isAllowed ? 'allowed' : verdict.reason;
      fill(place, share, record, call);
      place.observedUntil = would === undefined ? null : would.until;
      const [held, refused] = would === undefined ? [record, verdict] : [would.record, would.verdict];
      place.grounds = refused.allowed
        ? null
        : groundsOf({ record: held, credential, call, keep: keepPermission, verdict: refused, now });
    },
    each(look) {
      slots.each((at) => look(callAt(at)));
    },
    find(refusalId, isMeant) {
      let found: KeptCall | null = null;
      const number = refusalId.startsWith(`${node}-`) ? Number(refusalId.slice(node.length + 1)) : 0;
      slots.each((at) => {
        const isNamedSo = (number > 0 && numbers[at] === number) || places[at]?.refusalId === refusalId;
        const call = isNamedSo ? callAt(at) : null;
        if (call !== null && isMeant(call)) found = call;
        return found === null;
      });
      return found;
    },
    keep({ at: time, organizationId, address, userAgent, permissions, rule, method, ...call }) {
      const at = take(
        shareOf(organizationId),
        call.grounds === null && call.verdict === 'allowed' ? 'allowed' : 'refused',
      );
      times[at] = time;
      numbers[at] = 0;
      Object.assign(places[at] as Place, call, {
        rule: keepText(rule),
        method: method === null ? null : keepText(method),
        address: address === null ? null : keepText(address),
        userAgent: userAgent === null ? null : keepText(userAgent),
        permissions: permissions.map(keepPermission),
      });
    },
  };
}

/** Of a call that asks for more, the first are kept. */
const mostPermissions = 20;

function newPlace(share: Share, line: Line, node: string): Place {
  return {
    share,
    line,
    node,
    source: null,
    ownerId: null,
    rule: '',
    method: null,
    verdict: 'allowed',
    grounds: null,
    observedUntil: null,
    address: null,
    userAgent: null,
    permissions: none,
    api: null,
    refusalId: null,
    skipped: 0,
  };
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
