// Reports of API tokens that were found where they should not be. Whoever has a token may report it by showing it, with no other
// credential: its organization's policy decides what becomes of it. Of a token that is in force nobody learns more than by
// showing it on a call; whose it is, is told to who may see it.

import { isAscii } from '@keyward/rules/ascii';
import type { Awaitable } from '../../awaitable.ts';
import { type Caller, systemIn } from '../../caller/caller.ts';
import { isInForce } from '../../caller/credential-lifecycle.ts';
import type { Acting, CachedCredentialLookup } from '../../caller/ports.ts';
import type { CredentialRecord } from '../../caller/records.ts';
import { writeAs } from '../../caller/write-as.ts';
import { invalid } from '../../errors.ts';
import { usualLeakPolicy } from '../../identity/leak-policy.ts';
import type { SignInLimiter } from '../../identity/sign-in-limiter.ts';
import { entryOf } from '../../journal/entry.ts';
import { digestOf, looksLikeApiToken } from '../../secret.ts';
import { subjectOf } from '../api-token.ts';
import type { Changes, Reading } from '../ports.ts';
import { whichSecret } from '../presented-secret.ts';
import type { ApiToken } from '../records.ts';
import { maySee } from '../visible.ts';
import { applyPolicy, type Done, endDescendants, type Nouns } from './apply-policy.ts';
import { type Place, placeOf } from './place.ts';

export interface LeakReport {
  /** As they were found. */
  tokens: readonly string[];
  /** Where: an address or a path. */
  url?: string | undefined;
  /** What kind of place. */
  source?: string | undefined;
}

/**
 * Who reports: somebody with a credential, GitHub, which may send the same again, whoever has the token, from an address, or the
 * server itself, to which it came in clear; `mayEnd` is asked once, where the policy would do more than tell.
 */
export type Reporter =
  | { by: 'caller'; caller: Caller }
  | { by: 'github'; isAgain: boolean }
  | { by: 'holder'; address: string }
  | { by: 'server'; mayEnd(): boolean };

/** What became of one token. */
export interface ReportedToken {
  /** `not_in_force`: never made, or ended before, which is one answer. */
  result: Done['result'] | 'not_in_force';
  /** When it ends, or ended. */
  endsAt: number | null;
  /** Whose it is, where the reporter may know. */
  record: CredentialRecord | null;
  /** Whether it was ever made, and is remembered; for GitHub alone. */
  isKnown: boolean;
}

interface Known {
  record: CredentialRecord;
  /** Of its secret, as it is kept. */
  digest: string;
}

/** What was imported looks like anything. */
interface ImportedTokens {
  mayBe(text: string): boolean;
  find(text: string, byDigest: CachedCredentialLookup['byDigest']): Awaitable<Known | null>;
}

export type LeakPorts = Acting<Changes<Nouns>> &
  Reading<'credentials'> & {
    imported: ImportedTokens;
    credentials: Pick<CachedCredentialLookup, 'byDigest' | 'bySource'>;
    leakLimiter: Pick<SignInLimiter, 'attempt'>;
  };

const mostTokens = 100;
/** How soon a report without a credential is news again. */
const newsAfterMs = 3_600_000;

/**
 * In the order asked; nothing is told of one but by its place. Throws `too_many_requests` where an address without a credential
 * has shown too many that nothing ended with.
 */
export async function reportLeaks(ports: LeakPorts, reporter: Reporter, report: LeakReport): Promise<ReportedToken[]> {
  if (reporter.by !== 'github' && (report.tokens.length === 0 || report.tokens.length > mostTokens)) {
    throw invalid('tokens', `Send 1 to ${mostTokens} tokens.`);
  }
  const place = placeOf(report);
  const run = async () => {
    const outcomes = new Map<string, ReportedToken>();
    for (const text of report.tokens) {
      if (!outcomes.has(text)) outcomes.set(text, await reportOne(ports, reporter, text, place));
    }
    return report.tokens.map((text) => outcomes.get(text) ?? nothing);
  };
  if (reporter.by !== 'holder') return run();
  // Each costs a look, and what is only told of costs a change each time.
  const endsNothing = (all: ReportedToken[]) => all.every(({ result }) => result !== 'ended');
  return ports.leakLimiter.attempt(null, reporter.address, run, endsNothing);
}

const nothing: ReportedToken = { result: 'not_in_force', endsAt: null, record: null, isKnown: false };

export async function reportOne(
  ports: LeakPorts,
  reporter: Reporter,
  text: string,
  place: Place,
): Promise<ReportedToken> {
  const known = await knownBy(ports, text);
  if (known === null) return nothing;
  const { record, digest } = known;
  const at = ports.clock();
  const isUp = isStanding(record, digest, at);
  // It would tell, by the time that it takes, what was a token once.
  if (!isUp && (reporter.by === 'holder' || reporter.by === 'server')) return nothing;
  const actor = actorFor(reporter, record);
  const done = await writeAs(ports, actor, (changes) => report(changes, actor, reporter, { digest, place, at }));
  const isVisible = reporter.by === 'caller' && maySee(reporter.caller, record);
  const told = { record: isVisible ? record : null, isKnown: true };
  if (done === null) return { ...nothing, ...told };
  const { organizationId, id } = done.token;
  let hasMore = done.endsMore;
  while (hasMore) {
    hasMore = await ports.store.write((changes) => endDescendants(changes, actor, { organizationId, id }, at));
  }
  return { result: done.done.result, endsAt: done.done.endsAt, ...told };
}

/** Nobody is asked of what neither this server nor one that was imported from could have made. */
async function knownBy({ credentials, imported }: LeakPorts, text: string): Promise<Known | null> {
  const digest = digestOf(text);
  const record = looksLikeApiToken(text) ? await credentials.byDigest(digest) : null;
  if (record?.token != null) return { record, digest };
  return isAscii(text) && imported.mayBe(text) ? imported.find(text, credentials.byDigest) : null;
}

function isStanding(record: CredentialRecord, digest: string, now: number): boolean {
  const hasTime = record.expiresAt === null || record.expiresAt > now;
  return isInForce(record) && hasTime && record.token !== null && whichSecret(record.token, digest, now) !== null;
}

/** Where it is of another organization, the reporter is nobody there: it is as if anyone had shown it. */
function actorFor(reporter: Reporter, { organization }: CredentialRecord): Caller {
  const caller = reporter.by === 'caller' ? reporter.caller : null;
  if (caller !== null && (caller.organization.id === organization.id || caller.organization.isOperator)) return caller;
  return systemIn({ id: organization.id, name: organization.name });
}

interface Reported {
  token: ApiToken;
  done: Done;
  endsMore: boolean;
}

/** Within a change; null for one that is not in force any more, which is remembered all the same. */
async function report(
  changes: Changes<Nouns>,
  actor: Caller,
  reporter: Reporter,
  { digest, place, at }: { digest: string; place: Place; at: number },
): Promise<Reported | null> {
  const record = await changes.credentials.byDigest(digest);
  const token = record?.token == null ? null : await changes.apiTokens.find(record.organization.id, record.source.id);
  if (record?.token == null || token === null) return null;
  const secret = whichSecret(record.token, digest, at) === 'previous' ? 'previous' : 'current';
  const isUp = isStanding(record, digest, at);
  const organization = await changes.organizations.find(token.organizationId);
  const wanted = organization?.leakPolicy ?? usualLeakPolicy;
  const mayBeOld = reporter.by === 'github' ? reporter.isAgain : reporter.by !== 'caller';
  const isNews = !mayBeOld || token.leakedAt === null || token.leakedAt + newsAfterMs <= at;
  const isOnlyTold = reporter.by === 'server' && isUp && wanted.action !== 'notify' && !reporter.mayEnd();
  const policy = isOnlyTold ? { ...wanted, action: 'notify' as const } : wanted;
  if (isNews) {
    const where = { ...(place.url !== '' && { url: place.url }), ...(place.source !== '' && { source: place.source }) };
    const detail = { reportedBy: reporter.by, secret, policy: isUp ? policy.action : 'none', ...where };
    changes.journal(entryOf(actor, at, 'api_token.leaked', subjectOf(token.id), detail, token.organizationId));
    if (secret === 'current') await changes.apiTokens.markLeaked(token.organizationId, token.id, { leakedAt: at });
  }
  if (!isUp) return null;
  const done = await applyPolicy(changes, actor, { token, secret }, policy, at);
  const endsMore =
    done.result === 'ended' && policy.descendants ? await endDescendants(changes, actor, token, at) : false;
  return { token, done, endsMore };
}
