// Receipts: who has heard of a change, and who has not.

import { describe, expect, it } from 'vitest';
import { mostRemembered } from '../journal/tail.ts';
import { acme, entry, isPending, next, seqs, world } from './subscribers.test-support.ts';
import type { Subscription } from './subscribers.ts';

describe('a receipt', () => {
  const subject = { type: 'api_token', id: 'token-1' };
  const application = { type: 'application', id: 'application-1' };
  const never = () => new AbortController();
  const from = { organizationId: acme, principalId: 'token' };

  it('is of this node alone where nobody follows', async () => {
    const { subscribers, commit } = world();
    commit({});
    const receipt = await subscribers.receipt(acme, subject, never().signal);
    expect(receipt).toEqual({ seq: 1, effective: 1, of: 1, slowestMs: null, waitingFor: [] });
  });

  it('waits for every verifier of the organization, and for no other', async () => {
    const { subscribers, commit, open, state, effective } = world();
    const [one, two] = [await open({ verifier: 'one' }), await open({ verifier: 'two' })];
    await open({ verifier: 'one', organizationId: 'org-other' });
    commit({});
    await Promise.all([next(one), next(two)]);
    const receipt = subscribers.receipt(acme, subject, never().signal);
    state.now = 30;
    subscribers.acknowledge({ organizationId: 'org-other', principalId: 'token' }, 'two', 1);
    subscribers.acknowledge(from, 'one', 1);
    subscribers.acknowledge(from, 'one', 1);
    expect(await isPending(receipt)).toBe(true);
    state.now = 212;
    subscribers.acknowledge(from, 'two', 1);
    expect(await receipt).toEqual({ seq: 1, effective: 3, of: 3, slowestMs: 212, waitingFor: [] });
    expect(effective).toEqual([30, 212]);
  });

  it('names who has not answered when the time is over', async () => {
    const { subscribers, commit, open } = world();
    const [quick] = [await open({ verifier: 'quick' }), await open({ verifier: 'slow' }), await open()];
    commit({});
    await next(quick as Subscription);
    const time = never();
    const receipt = subscribers.receipt(acme, subject, time.signal);
    subscribers.acknowledge(from, 'quick', 1);
    time.abort();
    const waitingFor = ['slow', 'the verifiers'];
    expect(await receipt).toEqual({ seq: 1, effective: 2, of: 4, slowestMs: 0, waitingFor });
  });

  it('takes no word for what nobody was told yet', async () => {
    const { subscribers, commit, open } = world();
    await open({ verifier: 'liar' });
    subscribers.acknowledge(from, 'liar', Number.MAX_SAFE_INTEGER);
    commit({});
    expect(await isPending(subscribers.receipt(acme, subject, never().signal))).toBe(true);
  });

  it('waits for a verifier whose connection broke, until it is back and has it', async () => {
    const { subscribers, commit, open } = world();
    const broken = await open({ verifier: 'one' });
    broken.close();
    commit({});
    const receipt = subscribers.receipt(acme, subject, never().signal);
    const back = await open({ verifier: 'one', cursor: 0 });
    expect(await seqs(back)).toEqual([1]);
    expect(await isPending(receipt)).toBe(true);
    subscribers.acknowledge(from, 'one', 1);
    expect(await receipt).toMatchObject({ effective: 2, of: 2 });
  });

  it('does not wait for one that has been away for so long that it trusts nothing any more', async () => {
    const { subscribers, commit, open, state } = world();
    const following = await open({ verifier: 'one' });
    following.close();
    state.now = 3001;
    commit({});
    expect(await subscribers.receipt(acme, subject, never().signal)).toMatchObject({ effective: 1, of: 1 });
  });

  it('waits for one that was told to forget until it says that it has', async () => {
    const { subscribers, open } = world(mostRemembered + 5);
    const following = await open({ verifier: 'old', cursor: 1 });
    const receipt = subscribers.receipt(acme, subject, never().signal);
    expect(await isPending(receipt)).toBe(true);
    subscribers.acknowledge(from, 'old', following.cursor);
    expect(await receipt).toMatchObject({ effective: 2, of: 2 });
  });

  it('is answered at once by one that begins with nothing', async () => {
    const { subscribers, open } = world(7);
    await open({ verifier: 'new' });
    expect(await subscribers.receipt(acme, subject, never().signal)).toMatchObject({ effective: 2, of: 2 });
  });

  it('counts a verifier that gives its name only with its first acknowledgement', async () => {
    const { subscribers, commit, open } = world();
    const following = await open();
    await open({ principal: { id: 'another', name: 'another' } });
    commit({});
    await next(following);
    const time = never();
    const receipt = subscribers.receipt(acme, subject, time.signal);
    subscribers.acknowledge(from, 'late', 1);
    subscribers.acknowledge(from, 'nobody', 1);
    time.abort();
    expect(await receipt).toMatchObject({ effective: 2, of: 3, waitingFor: ['another'] });
  });

  it('of a change that was made long ago asks who has that one', async () => {
    const { subscribers, commit, open } = world();
    const following = await open({ verifier: 'one' });
    commit({});
    await next(following);
    subscribers.acknowledge(from, 'one', 1);
    commit({});
    const receipt = await subscribers.receipt(acme, subject, never().signal);
    expect(receipt).toMatchObject({ seq: 1, effective: 2, of: 2 });
  });

  it('of what concerns customers waits for their verifiers too, by whose they are and not by their names', async () => {
    const { subscribers, commit, open } = world();
    const own = await open({ verifier: 'own' });
    const theirs = await open({ verifier: 'theirs', organizationId: 'org-one', scope: 'org-one' });
    await open({ verifier: 'unconcerned', organizationId: 'org-two', scope: 'org-two' });
    commit({ subject: application }, { subject: application, organizationId: 'org-one' });
    await Promise.all([next(own), next(theirs)]);
    const time = never();
    const receipt = subscribers.receipt(acme, application, time.signal);
    subscribers.acknowledge(from, 'own', 2);
    expect(await isPending(receipt)).toBe(true);
    time.abort();
    const waitingFor = ['a verifier of customer org-one'];
    expect(await receipt).toMatchObject({ seq: 2, effective: 2, of: 3, waitingFor });
  });

  it('of what concerns everybody waits for all verifiers there are', async () => {
    const { subscribers, commit, open } = world();
    const trusted = { type: 'federated_credential', id: 'operator’s' };
    const own = await open({ verifier: 'own' });
    await open({ verifier: 'theirs', organizationId: 'org-one', scope: 'org-one' });
    commit({ subject: trusted });
    await next(own);
    const time = never();
    const receipt = subscribers.receipt(acme, trusted, time.signal, true);
    subscribers.acknowledge(from, 'own', 1);
    expect(await isPending(receipt)).toBe(true);
    time.abort();
    expect(await receipt).toMatchObject({
      seq: 1,
      effective: 2,
      of: 3,
      waitingFor: ['a verifier of customer org-one'],
    });
  });

  it('of something that ended with what it made is of the last of these, and waits for whomever they concern', async () => {
    const { subscribers, commit, open } = world();
    const theirs = await open({ verifier: 'theirs', organizationId: 'org-one', scope: 'org-one' });
    const detail = { descendantOf: subject.id };
    commit({ subject }, { detail, organizationId: 'org-one' }, { detail });
    await next(theirs);
    const receipt = subscribers.receipt(acme, subject, never().signal);
    expect(await isPending(receipt)).toBe(true);
    subscribers.acknowledge({ organizationId: 'org-one', principalId: 'token' }, 'theirs', 3);
    expect(await receipt).toMatchObject({ seq: 3, effective: 2, of: 2 });
  });

  it('of an organization that ended waits for none of its own verifiers, which end with it', async () => {
    const { subscribers, commit, open } = world();
    await open({ verifier: 'theirs', organizationId: 'org-one', scope: 'org-one' });
    const customer = { type: 'organization', id: 'org-one' };
    commit({ action: 'organization.deleted', subject: customer, organizationId: 'org-one' });
    expect(await subscribers.receipt(acme, customer, never().signal)).toMatchObject({ effective: 1, of: 1 });
  });

  it('behind a gap reads on first: whom the change concerns may stand there', async () => {
    const { subscribers, journal, open, state } = world();
    await open({ verifier: 'theirs', organizationId: 'org-one', scope: 'org-one' });
    const last = entry(3, { subject: application, organizationId: 'org-one' });
    journal.push(entry(1), entry(2, { subject: application }), last);
    state.down = true;
    subscribers.apply([last]);
    state.down = false;
    const time = never();
    const receipt = subscribers.receipt(acme, application, time.signal);
    expect(await isPending(receipt)).toBe(true);
    time.abort();
    expect(await receipt).toMatchObject({ seq: 3, of: 2, waitingFor: ['a verifier of customer org-one'] });
  });

  it('behind a gap waits for what was heard of last, not for an older change of the same thing', async () => {
    const { subscribers, open, state } = world(1);
    await open({ verifier: 'one' });
    state.down = true;
    subscribers.apply([entry(3, { subject })]);
    const time = never();
    const receipt = subscribers.receipt(acme, subject, time.signal);
    time.abort();
    expect(await receipt).toMatchObject({ seq: 3, effective: 1, waitingFor: ['one'] });
  });
});
