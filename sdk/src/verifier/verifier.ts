// May this call proceed? Decided in this process wherever that is safe: from the signing keys, from what Keyward has said
// about a credential before, and from leases of plans' budgets, for as long as the feed says what has changed.

import { randomBytes, randomUUID } from 'node:crypto';
import { KeywardError } from '../errors.ts';
import type { FeedChange } from '../wire/feed.ts';
import { createCredentialCache } from './cache/credential-cache.ts';
import { formOf } from './credential-form.ts';
import { createErrorReport, warn } from './error-report.ts';
import { createEvaluate } from './evaluate.ts';
import { createFeed } from './feed.ts';
import { createKeySet } from './key-set.ts';
import { createKnownNames } from './known-names.ts';
import type { Book } from './limits/book.ts';
import { createLimits } from './limits/limits.ts';
import { createLookup } from './lookup.ts';
import { createMonotonicClock } from './monotonic-clock.ts';
import { allowedFor, type VerifierOptions } from './options.ts';
import { createPossession, lackOfPossession, type ProvenRequirement, spent } from './possession.ts';
import { isOf, verdictFrom } from './principal.ts';
import { createReport } from './report/report.ts';
import { createRevocations } from './revocations.ts';
import { createSecretShapes } from './secret-shapes.ts';
import { createTransport } from './transport.ts';
import { type Principal, type Requirement, refused, type Verdict } from './verdict.ts';

export interface VerifierStats {
  feed: 'live' | 'late';
  /** The last change that was applied. */
  cursor: number | null;
  /** Credentials remembered. */
  known: number;
  /** Calls that can be admitted without asking. */
  leased: number;
  /** Verdicts that Keyward was asked for so far. */
  asked: number;
}

export interface Verifier {
  /** Keyward's public address, where problems have their pages. */
  readonly issuer: string;
  /**
   * The verdict on a credential: the text behind `Bearer` or `apiToken`; null, undefined or '' if there was none. An
   * allowed call spends its cost. Rejects with KeywardError if it cannot be decided: never take that for a yes.
   */
  verify(credential: string | null | undefined, requirement?: Requirement): Promise<Verdict>;
  /** As `verify` where nobody need be asked, which is nearly always; else undefined, and nothing was spent. Proofs are for `verify`. */
  verifySync(credential: string | null | undefined, requirement?: Requirement): Verdict | undefined;
  /**
   * Resolves when calls can be decided: the feed is followed, the keys are there, verdicts are given. Rejects with
   * KeywardError, which says why: at once where waiting would not help, else after `timeoutMs` (30,000 unless said
   * otherwise). The verifier goes on trying; it can be asked again.
   */
  ready(options?: { timeoutMs?: number }): Promise<void>;
  stats(): VerifierStats;
  /** The nonce for the header `DPoP-Nonce` of each answer to a call with the scheme DPoP. */
  dpopNonce(): string;
  /** Stops following and gives back what was leased. Later checks are rejected. */
  close(): Promise<void>;
}

const anything: Requirement = {};
/** It is there from the start, and stays. */
const defaultApi = 'default';
/** A check needs a look, an answer about the credential, perhaps about the address, a lease, and a last look. */
const mostRounds = 5;

/** Starts to follow the feed at once. Throws a TypeError for options that cannot work. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { onFeedLost = 'ask', name = randomUUID(), capacity = 100_000 } = options;
  if (name.length < 1 || name.length > 64) throw new TypeError('The name of a verifier has 1 to 64 characters.');
  const monotonic = () => performance.now();
  const clock = options.clock ?? createMonotonicClock(monotonic());
  const transport = createTransport(options, options.timeoutMs ?? 5000, () => feed.cursor);
  const cache = createCredentialCache(capacity);
  const keys = createKeySet(transport.keys, monotonic);
  const limits = createLimits(name, transport.lease, capacity, monotonic);
  const issuer = new URL(options.issuer ?? options.url).origin;
  const usualApi = options.api ?? defaultApi;
  const revocations = createRevocations(transport.revoked, () => feed.cursor);
  /** What there is of what requirements name, as far as Keyward has said so. */
  const there = createKnownNames();
  const shapes = createSecretShapes(transport.shapes);
  const calls = createReport({
    name,
    id: randomBytes(6).toString('hex'),
    send: transport.report,
    clock: Date.now,
    today: () => clock(monotonic()),
    api: usualApi,
    isTold: options.reports !== false,
  });
  const evaluate = createEvaluate({
    limits,
    clock,
    api: usualApi,
    revocations,
    onExpired: cache.drop,
    wouldRefuse: calls.wouldRefuse,
  });
  const onUnknownKey = () => calls.found('unknown_key');
  const lookup = createLookup({ cache, keys, shapes, transport, issuer, clock, monotonic, onUnknownKey });
  const possession = createPossession(options, () => clock(monotonic()));
  const report = createErrorReport(options.onError ?? warn, monotonic);
  const feed = createFeed({
    open: (place, signal) => transport.feed(name, place, signal),
    acknowledge: (cursor) => transport.acknowledge(name, cursor),
    onReset: reset,
    onChange: apply,
    onError: report.tell,
    clock: monotonic,
  });
  const allowForMs = allowedFor(onFeedLost);
  let isClosed = false;
  let isProbed = false;

  function reset(cursor: number): void {
    there.forgetApis();
    there.forgetOrganizations();
    cache.forgetAll();
    cache.forgetRefusals();
    limits.restartAll();
    keys.outdate(cursor);
    revocations.outdate();
    shapes.outdate();
  }

  function apply({ seq, organizationId = null, action, subject: { type, id } }: FeedChange): void {
    cache.forgetRefusals();
    if (type === 'api_token') cache.forget(id);
    else if (type === 'access_token') revocations.add(id);
    else if (type === 'import') return;
    else if (type === 'api') {
      there.forgetApis();
      // Access tokens name the API that they are for by an identifier, which may be another now.
      cache.forgetAll();
    } else if (action === 'session.ended') cache.forgetSession(id);
    else if (type === 'plan') {
      // It says how much its organizations may spend, and what they may hold.
      cache.forgetOrganizations((organization) => limits.mayHave(organization, id));
      limits.restartPlan(id);
    } else if (organizationId !== null) {
      if (type === 'import_recipe') shapes.outdate();
      if (type === 'organization') {
        there.forgetOrganizations();
        limits.restart(organizationId);
      }
      cache.forgetOrganization(organizationId);
    } else {
      if (action === 'signing_key.revoked') keys.revoke(id);
      if (type === 'signing_key') keys.outdate(seq);
      cache.forgetAll();
    }
  }

  /** The verdict, or what is needed for one. */
  function decide(
    text: string,
    requirement: ProvenRequirement,
  ): Verdict | 'feed' | 'keys' | 'revocations' | 'shapes' | 'credential' | 'ask' {
    const now = monotonic();
    if (now - feed.freshAt > feed.lateAfterMs + allowForMs) {
      if (feed.cursor !== null) calls.found('feed_late');
      return 'feed';
    }
    const found = lookup.find(text, now);
    if (typeof found === 'string') return found;
    if (found.allowed === false) return found;
    if (found.tokenIds !== null && !revocations.isWhole) return 'revocations';
    if (found.jkt !== null || requirement.proven !== undefined) {
      const lack = lackOfPossession(found.jkt, requirement.proven);
      if (lack !== null) return lack;
    }
    const isNamed = requirement.organization !== undefined || (requirement.api ?? usualApi) !== defaultApi;
    if (isNamed && !isThere(requirement, found.principal)) return 'ask';
    const verdict = evaluate(found, requirement, now);
    if (typeof verdict !== 'string' && verdict.allowed) calls.used(found, requirement);
    return verdict;
  }

  /** Keyward alone knows whether there is what nobody was let in to yet: what is mistyped is no refusal, but said to be that. */
  function isThere({ api = usualApi, organization }: Requirement, principal: Principal): boolean {
    if (api !== defaultApi && !there.hasApi(api)) return false;
    return organization === undefined || isOf(principal, organization) || there.hasOrganization(organization);
  }

  async function ask(text: string, requirement: ProvenRequirement): Promise<Verdict> {
    if (formOf(text) === null && !shapes.has(text)) return refused('unknown');
    const lack = requirement.proven === undefined ? null : spent(requirement.proven);
    if (lack !== null) return lack;
    const { epoch } = limits;
    const verdict = verdictFrom(await transport.verdict(text, requirement), requirement);
    there.note(requirement, usualApi, verdict);
    if (verdict.allowed || verdict.reason !== 'rate_limited') return verdict;
    const { limit, principal } = verdict;
    if (limit === null || principal === null) return verdict;
    const book = limits.bookOf(principal.organizationId, requirement.plan);
    limits.noteRefusal(book, limit, requirement.cost ?? 1, monotonic(), epoch);
    return verdict;
  }

  async function verify(text: string, requirement: ProvenRequirement): Promise<Verdict> {
    for (let round = 0; round < mostRounds; round += 1) {
      if (isClosed) throw new KeywardError('closed', 'The verifier has been closed.');
      const found = decide(text, requirement);
      if (typeof found !== 'string') return found;
      if (found === 'feed' && onFeedLost === 'deny') {
        throw new KeywardError('unavailable', 'It is not known what has changed lately, so nothing is let in.');
      }
      if (found === 'feed') break;
      if (found === 'ask') {
        const coming = comingFor(text, requirement);
        if (coming === undefined) break;
        await coming;
      } else if (found === 'keys') await keys.refresh();
      else if (found === 'shapes') await shapes.load();
      else if (found === 'revocations') await revocations.load();
      else {
        const refusal = await lookup.learn(text, requirement);
        if (refusal !== null) return refusal;
      }
    }
    return askOrAdmit(text, requirement);
  }

  function comingFor(text: string, requirement: Requirement): Promise<void> | undefined {
    const book = bookFor(text, requirement);
    return book === null ? undefined : limits.coming(book);
  }

  /** What a call of a credential that is known spends. */
  function bookFor(text: string, { plan }: Requirement): Book | null {
    const known = lookup.find(text, monotonic());
    if (typeof known === 'string' || known.allowed === false) return null;
    return limits.bookOf(known.principal.organizationId, plan);
  }

  /** Where Keyward does not answer, the organization's plan may say that calls which cannot be counted are let in. */
  async function askOrAdmit(text: string, requirement: ProvenRequirement): Promise<Verdict> {
    try {
      return await ask(text, requirement);
    } catch (error) {
      const book = bookFor(text, requirement);
      if (book !== null) limits.noteFailure(book, error);
      const found = decide(text, requirement);
      if (typeof found === 'string') throw error;
      return found;
    }
  }

  return {
    issuer,
    async verify(credential, requirement = anything) {
      if (!credential) return calls.note(refused('missing'), requirement);
      try {
        const proven = requirement.dpop === undefined ? requirement : possession.prove(credential, requirement);
        return calls.note('allowed' in proven ? proven : await verify(credential, proven), requirement);
      } catch (error) {
        report.tell(error);
        throw error;
      }
    },
    verifySync(credential, requirement = anything) {
      if (!credential) return calls.note(refused('missing'), requirement);
      if (requirement.dpop !== undefined) return undefined;
      const found = decide(credential, requirement);
      return typeof found === 'string' ? undefined : calls.note(found, requirement);
    },
    async ready({ timeoutMs = 30_000 } = {}) {
      await feed.ready(timeoutMs);
      if (!keys.isFresh(monotonic())) await keys.refresh();
      if (!revocations.isWhole) await revocations.load();
      if (!shapes.isWhole) await shapes.load();
      if (!isProbed) await transport.probe();
      isProbed = true;
    },
    stats() {
      const now = monotonic();
      return {
        feed: now - feed.freshAt > feed.lateAfterMs ? 'late' : 'live',
        cursor: feed.cursor,
        known: cache.size,
        leased: limits.leased(now),
        asked: transport.asked,
      };
    },
    dpopNonce: possession.nonce,
    async close() {
      if (isClosed) return;
      isClosed = true;
      feed.close();
      await Promise.all([calls.close(), limits.close()]);
      transport.close();
    },
  };
}
