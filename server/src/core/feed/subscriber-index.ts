// All subscribers of this node, found by connection, by organization and by name without looking at the others: thousands
// acknowledge each change. It knows nothing of what they are told.

import type { Subscriber } from './subscriber.ts';

export interface SubscriberIndex {
  all(): ReadonlySet<Subscriber>;
  add(subscriber: Subscriber): void;
  delete(subscriber: Subscriber): void;
  byId(id: string): Subscriber | undefined;
  ofOrganization(id: string): ReadonlySet<Subscriber>;
  named(organizationId: string, verifier: string): Subscriber | undefined;
  /** Gives a name that no other of its organization has. */
  name(subscriber: Subscriber, verifier: string): void;
  /** Those of the organizations, null for all, and those that follow every organization. */
  followersOf(organizationIds: ReadonlySet<string> | null): Subscriber[];
  /** To be called after ids have changed. */
  renumber(): void;
}

const none: ReadonlySet<Subscriber> = new Set();

export function createSubscriberIndex(): SubscriberIndex {
  const all = new Set<Subscriber>();
  const byId = new Map<string, Subscriber>();
  const byOrganization = new Map<string, { members: Set<Subscriber>; named: Map<string, Subscriber> }>();
  const followingAll = new Set<Subscriber>();

  return {
    all: () => all,
    add(subscriber) {
      const { organizationId, scope } = subscriber.request;
      all.add(subscriber);
      byId.set(subscriber.id, subscriber);
      if (scope === null) followingAll.add(subscriber);
      const place = byOrganization.get(organizationId) ?? { members: new Set(), named: new Map() };
      byOrganization.set(organizationId, place);
      place.members.add(subscriber);
    },
    delete(subscriber) {
      const { organizationId } = subscriber.request;
      all.delete(subscriber);
      byId.delete(subscriber.id);
      followingAll.delete(subscriber);
      const place = byOrganization.get(organizationId);
      if (place === undefined) return;
      place.members.delete(subscriber);
      const { verifier } = subscriber;
      if (verifier !== null && place.named.get(verifier) === subscriber) place.named.delete(verifier);
      if (place.members.size === 0) byOrganization.delete(organizationId);
    },
    byId: (id) => byId.get(id),
    ofOrganization: (id) => byOrganization.get(id)?.members ?? none,
    named: (organizationId, verifier) => byOrganization.get(organizationId)?.named.get(verifier),
    name(subscriber, verifier) {
      subscriber.verifier = verifier;
      byOrganization.get(subscriber.request.organizationId)?.named.set(verifier, subscriber);
    },
    followersOf(organizationIds) {
      if (organizationIds === null) return [...all];
      const found = new Set(followingAll);
      for (const id of organizationIds) for (const one of byOrganization.get(id)?.members ?? none) found.add(one);
      return [...found];
    },
    renumber() {
      byId.clear();
      for (const subscriber of all) byId.set(subscriber.id, subscriber);
    },
  };
}
