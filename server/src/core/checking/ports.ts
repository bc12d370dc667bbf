// What checking needs of the world: where plans and counts are kept, and where limits are counted.

import type { LeaseGrant, LeaseRequest } from '@keyward/rules/ledger';
import type { LimitRule } from '@keyward/rules/limit';
import type { Narrowing } from '@keyward/rules/observed/observation';
import type { Acting } from '../caller/ports.ts';
import type { ObservedSubject } from '../caller/records.ts';
import type { AccessTokenSource } from '../caller/source.ts';
import type { LastRefusal, UseVerdict } from '../caller/use.ts';
import type { LastUseReads } from '../credentials/ports.ts';
import type { FederationChanges, FederationReads } from '../federation/ports.ts';
import type { Journalled } from '../journal/ports.ts';
import type { CredentialUse } from './advice/recorder.ts';
import type { Charge, LimitAnswer, LimitKey, Quota } from './limit.ts';
import type { ObservedRefusal } from './observed/recorder.ts';
import type { NewLastUse, Plan, UsageCount, UsageSum } from './records.ts';

export interface UsageQuery {
  /** Milliseconds since the epoch: hours that begin at `from` or later and before `until`. */
  from: number;
  until: number;
  /** Only this credential's. */
  source?: AccessTokenSource;
}

/** How counts are added up. */
export interface UsageSums {
  from: number;
  until: number;
  /** `total`: the largest sums first; otherwise in the order of time. */
  group: 'hour' | 'day' | 'total';
  by: 'verdict' | 'source' | 'rule' | 'organization';
  source?: AccessTokenSource;
  /** Only of this user or API user, and of the API tokens that it owns. */
  ownerId?: string;
  rule?: string;
  verdict?: UseVerdict;
}

export interface PlanReads {
  find(id: string): Promise<Plan | null>;
  list(): Promise<Plan[]>;
}

/** Nobody deletes what `find` finds until the commit. */
export interface PlanChanges extends PlanReads {
  /** As `find`, before it is changed or deleted: nobody else does until the commit. */
  claim(id: string): Promise<Plan | null>;
  /** False if its id is taken. */
  insert(plan: Plan): Promise<boolean>;
  /** Inserts or replaces. */
  put(plan: Plan): Promise<void>;
  /** Names of organizations that have it; at most three. */
  holders(id: string): Promise<string[]>;
  delete(id: string): Promise<boolean>;
}

export interface UsageReads extends LastUseReads {
  /** By id, of those of these credentials that were refused in an hour that began at `since` or later. */
  lastRefusals(
    organizationId: string,
    type: AccessTokenSource['type'],
    ids: readonly string[],
    since: number,
  ): Promise<ReadonlyMap<string, LastRefusal>>;
  /** In the order of hours. */
  counts(organizationId: string, query: UsageQuery): Promise<UsageCount[]>;
  /** Added up by the database; at most `limit` rows. `organizationId` null means the whole server's. */
  sums(organizationId: string | null, query: UsageSums, limit: number): Promise<UsageSum[]>;
}

/** Not journalled. Rows in the order of their keys keep two nodes from waiting for one another. */
export interface UsageChanges extends UsageReads {
  /** Remembers these uses, each unless a later one is known. No credential twice. */
  touch(uses: readonly NewLastUse[]): Promise<void>;
  /** Adds these calls to what has been counted. No count twice. */
  count(counts: readonly UsageCount[]): Promise<void>;
  /** Forgets counts of hours that began before; at most `limit`. Returns how many. */
  deleteBefore(hour: number, limit: number): Promise<number>;
}

export interface CredentialUseReads {
  /** What these used on this day, since the epoch, or later. */
  of(organizationId: string, ids: readonly string[], since: number): Promise<CredentialUse[]>;
  /** The day on which anybody's use was first noted; null if none was. */
  began(): Promise<number | null>;
}

/** Not journalled. Rows in the order of their keys keep two nodes from waiting for one another. */
export interface CredentialUseChanges extends CredentialUseReads {
  note(uses: readonly CredentialUse[]): Promise<void>;
  /** Forgets what was last used before this day; at most `limit`. Returns how many. */
  deleteBefore(day: number, limit: number): Promise<number>;
}

/** Something that is observed, and what it will be. */
export interface ObservedThing {
  subject: ObservedSubject;
  /** What it is called; of a plan its id. */
  name: string;
  organizationId: string | null;
  since: number;
  until: number;
  /** What it will be, as its noun has it. */
  change: Narrowing & Partial<Pick<Plan, 'limits' | 'entitlement'>>;
}

export interface RefusalsQuery {
  /** Null for the whole server's. */
  organizationId: string | null;
  /** Only what was seen at this time or later; milliseconds since the epoch. */
  since: number;
}

/** Calls that something observed would have refused: of one credential, for one reason. */
export interface CountedRefusal extends ObservedRefusal {
  calls: number;
  lastAt: number;
  /** The last one, as recent calls know it; null where they do not. */
  lastCall: string | null;
}

export interface ObservationReads {
  /** What is observed, tokens of this organization or, for null, of all; of plans and organizations all. At most `limit` tokens. */
  things(organizationId: string | null, limit: number): Promise<ObservedThing[]>;
  /** The same of what is to count by `now`. */
  due(now: number, limit: number): Promise<ObservedThing[]>;
  /** The latest first, at most `limit`. */
  refusals(query: RefusalsQuery, limit: number): Promise<CountedRefusal[]>;
}

/** Not journalled. Rows in the order of their keys keep two nodes from waiting for one another. */
export interface ObservationChanges extends ObservationReads {
  /** True for exactly one of many: what is observed there until then is now to be written down as what it is. */
  take(thing: Pick<ObservedThing, 'subject' | 'until'>): Promise<boolean>;
  /** Adds to what has been counted. No two of one key. */
  count(refusals: readonly CountedRefusal[]): Promise<void>;
  /** Forgets what was last seen before; at most `limit`. Returns how many. */
  deleteBefore(at: number, limit: number): Promise<number>;
}

/** Where limits are counted. What is answered at once cost no database call. Rejects only for bugs. */
export interface LimitStore {
  /** Spends `cost`, a whole number from 0 on, if it fits. Atomic: N at once against a limit of L admit exactly L. */
  spend(key: LimitKey, quota: Quota, cost: number): LimitAnswer | Promise<LimitAnswer>;
  /**
   * Spends `cost` of all of these if it fits in each, else of none; no key twice. In their order, what each says of it. What
   * is `admitted` of a call that others refused was not spent.
   */
  spendAll(
    charges: readonly Pick<Charge, 'key' | 'quota'>[],
    cost: number,
  ): readonly LimitAnswer[] | Promise<readonly LimitAnswer[]>;
  /** As `spend`, but spends nothing. */
  look(key: LimitKey, quota: Quota, cost: number): LimitAnswer | Promise<LimitAnswer>;
  /** For holders elsewhere, such as SDK verifiers. Rejects with KeywardError `unavailable` if the store does not answer. */
  lease(key: LimitKey, rule: LimitRule, request: LeaseRequest): Promise<LeaseGrant>;
  /**
   * Forgets what was spent of all keys that begin so; what is leased goes on counting. Rejects with KeywardError
   * `unavailable` if the store does not answer.
   */
  reset(beginnings: readonly string[]): Promise<void>;
  /** Another node has done so: what is remembered of refusals counts no more. */
  wasReset(beginnings: readonly string[]): void;
  /** Gives back what is held. */
  close?(): Promise<void>;
}

/** What is asked about one limit. */
export interface LeaseQuestion {
  key: LimitKey;
  rule: LimitRule;
  request: LeaseRequest;
}

/** Where the ledgers of limits live that several nodes share (rules/ledger.ts). It has one clock for all of them. */
export interface LeaseStore {
  /** Atomic. Rejects with KeywardError `unavailable`; the request may then have been heard or not. */
  grant(key: LimitKey, rule: LimitRule, request: LeaseRequest): Promise<LeaseGrant>;
  /** As `grant`, for calls that all of these count: if one has not as much left as `atLeast`, none grants anything. */
  grantAll(questions: readonly LeaseQuestion[]): Promise<LeaseGrant[]>;
  /** Forgets what was spent under all keys that begin so, and none of the leases. Rejects as `grant` does. */
  reset(beginnings: readonly string[]): Promise<void>;
}

/** What the store lets this part read, and those before it. */
export interface CheckingReads extends FederationReads {
  plans: PlanReads;
  usage: UsageReads;
  observations: ObservationReads;
  uses: CredentialUseReads;
}

/** What may be touched inside a change. */
export interface CheckingChanges extends FederationChanges {
  plans: PlanChanges;
  usage: UsageChanges;
  observations: ObservationChanges;
  uses: CredentialUseChanges;
}

/** The ports of what reads these. */
export interface Reading<Noun extends keyof CheckingReads> {
  store: Pick<CheckingReads, Noun>;
}

/** What may be touched inside a change of these. */
export type Changes<Noun extends keyof CheckingChanges> = Pick<CheckingChanges, Noun> & Journalled;

/** The ports of what changes these on a caller's behalf. */
export type Changing<Noun extends keyof CheckingChanges> = Acting<Changes<Noun>>;
