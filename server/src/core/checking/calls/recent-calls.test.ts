// What a node remembers of single calls, and what it forgets first.

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CredentialRecord } from '../../caller/records.ts';
import { generateApiToken, newId } from '../../secret.ts';
import type { KeptCall } from './kept-call.ts';
import { createRecentCalls, type RecentCalls } from './recent-calls.ts';
import type { SeenCall, SeenVerdict } from './recorder.ts';

let now = 1_000_000;
beforeEach(() => {
  now = 1_000_000;
});

function recordOf(organizationId: string, id = `token of ${organizationId}`): CredentialRecord {
  const lifecycle = { deactivatedAt: null, deletedAt: null };
  return {
    source: { type: 'api_token', id },
    name: id,
    lifecycle,
    expiresAt: null,
    token: { addresses: ['10.0.0.0/8'] },
    owner: { type: 'user', id: `owner of ${organizationId}`, role: 'owner', lifecycle },
    rolePermissions: null,
    organization: { id: organizationId, lifecycle },
  } as unknown as CredentialRecord;
}

const callsOf = (calls: RecentCalls): KeptCall[] => {
  const all: KeptCall[] = [];
  calls.each((call) => all.push(call) > 0);
  return all;
};
const refusal = (): SeenVerdict & { refusalId?: string } => ({ allowed: false, reason: 'unknown' });

describe('a node', () => {
  const see = (calls: RecentCalls, organization: string, verdict: SeenVerdict, call: SeenCall = {}) => {
    now += 1000;
    calls.saw(recordOf(organization), null, call, verdict, now);
  };

  it('forgets the oldest call of an organization that has too many, and none of another’s', () => {
    const calls = createRecentCalls({ node: 'n', perOrganization: 4, perNode: 100 });
    see(calls, 'quiet', { allowed: true }, { rule: 'quiet' });
    for (let at = 1; at <= 6; at += 1) see(calls, 'busy', { allowed: true }, { rule: `${at}` });
    expect(callsOf(calls).map(({ rule }) => rule)).toEqual(['6', '5', '4', '3', 'quiet']);
  });

  it('keeps half of its places for refusals, however many calls are let in, and the other way round', () => {
    const calls = createRecentCalls({ node: 'n', perOrganization: 4, perNode: 100 });
    const kinds = () => callsOf(calls).map(({ verdict }) => verdict);
    for (let at = 0; at < 3; at += 1) see(calls, 'one', refusal());
    for (let at = 0; at < 20; at += 1) see(calls, 'one', { allowed: true });
    expect(kinds()).toEqual(['allowed', 'allowed', 'unknown', 'unknown']);
    for (let at = 0; at < 20; at += 1) see(calls, 'one', refusal());
    expect(kinds()).toEqual(['unknown', 'unknown', 'allowed', 'allowed']);
  });

  it('forgets the oldest of all calls when it is full', () => {
    const calls = createRecentCalls({ node: 'n', perOrganization: 4, perNode: 6 });
    for (const organization of ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']) see(calls, organization, { allowed: true });
    expect(callsOf(calls).map(({ organizationId }) => organizationId)).toEqual(['d', 'c', 'b', 'a', 'd', 'c']);
  });

  it('never holds more than it may, and the newest always, whoever calls in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.boolean()), { maxLength: 200 }), (seen) => {
        const calls = createRecentCalls({ node: 'n', perOrganization: 6, perNode: 20 });
        const model: string[] = [];
        for (const [organization, isAllowed] of seen) {
          see(calls, `${organization}`, isAllowed ? { allowed: true } : refusal(), { rule: `${model.length}` });
          model.unshift(`${model.length}`);
        }
        const kept = callsOf(calls);
        expect(kept.length).toBeLessThanOrEqual(20);
        for (let one = 0; one < 5; one += 1) {
          expect(kept.filter(({ organizationId }) => organizationId === `${one}`).length).toBeLessThanOrEqual(6);
        }
        const order = kept.map(({ rule }) => Number(rule));
        expect(order).toEqual(order.toSorted((a, b) => b - a));
        expect(kept[0]?.rule).toBe(model[0]);
      }),
      { numRuns: 200 },
    );
  });

  it('remembers ever fewer calls of a second in which there are many, says how many it left out, and names every refusal', () => {
    const calls = createRecentCalls({ node: 'n', allowedPerSecond: 10 });
    for (let at = 0; at < 10_000; at += 1) calls.saw(recordOf('one'), null, {}, { allowed: true }, now);
    const kept = callsOf(calls);
    expect(kept).toHaveLength(10 + 9);
    now += 1000;
    calls.saw(recordOf('one'), null, {}, { allowed: true }, now);
    const said = callsOf(calls).reduce((sum, { skipped }) => sum + skipped, 0) + callsOf(calls).length;
    expect(said).toBe(10_001);
    const names = Array.from({ length: 5000 }, () => {
      const verdict = refusal();
      calls.saw(null, 'nonsense', {}, verdict, now);
      return 'refusalId' in verdict ? verdict.refusalId : undefined;
    });
    expect(new Set(names).size).toBe(5000);
    expect(names).not.toContain(undefined);
    expect(calls.find(names[0] ?? '', () => true)).toMatchObject({ verdict: 'unknown', refusalId: names[0] });
    expect(calls.find(names[4998] ?? '', () => true)).toBeNull();
  });

  it('keeps no secret and no more of a text than it needs, whatever a client sends [S124]', () => {
    const secret = generateApiToken(newId());
    const jwt = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2lnbmF0dXJl`;
    const hostile = fc.oneof(
      fc.constantFrom(secret, jwt, `AT1${'x'.repeat(40)}`, `curl/8 ${secret}`, `a=${jwt}&b`, 'x'.repeat(5000)),
      fc.string(),
      fc.tuple(fc.string(), fc.string()).map(([before, after]) => `${before} ${secret} ${after}`),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.constantFrom(secret, jwt, `${secret}x`), (a, b, c, credential) => {
        const calls = createRecentCalls({ node: 'n' });
        calls.saw(null, credential, { userAgent: a, address: b, permissions: [c, 'read:orders'] }, refusal(), now);
        const [call] = callsOf(calls);
        const text = JSON.stringify(call);
        for (const one of [secret.slice(-36), jwt.slice(-20), 'x'.repeat(201)]) expect(text).not.toContain(one);
        expect(call?.userAgent?.length ?? 0).toBeLessThanOrEqual(200);
      }),
    );
  });

  it('tells how an unknown API token begins that has the form of one, as lists show it, and of nothing else', () => {
    const calls = createRecentCalls({ node: 'n' });
    const secret = generateApiToken(newId());
    for (const credential of [
      secret,
      `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`,
      'hunter2',
      'ey.a.b',
    ]) {
      calls.saw(null, credential, {}, refusal(), now);
    }
    expect(callsOf(calls).map(({ grounds }) => grounds)).toEqual([
      { reason: 'unknown', form: 'access_token', start: null },
      { reason: 'unknown', form: 'other', start: null },
      { reason: 'unknown', form: 'api_token', start: null },
      { reason: 'unknown', form: 'api_token', start: secret.slice(0, 11) },
    ]);
  });
});
