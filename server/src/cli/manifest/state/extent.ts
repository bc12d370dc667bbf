// What has to be read of a server: for files, what they speak of and no more, so that little is asked and little must be
// allowed; for an export everything.

import type { Organization } from '@keyward/sdk/wire';
import type { Manifest, Wanted } from '../model/manifest.ts';
import { type Kind, kinds, scopeOf } from '../model/thing.ts';
import type { Extent } from './read-state.ts';

/** `prune`: the kinds of which all must be known. */
export function extentOf({ wanted, mentioned }: Manifest, prune: ReadonlySet<Kind>): Extent {
  const organizations = wanted.filter(({ kind }) => kind === 'organization');
  const shared = ['api', 'permission', 'plan'] as const;
  const trusting = new Set(
    [...mentioned]
      .map((one) => JSON.parse(one) as string[])
      .flatMap(([kind, organization, parent]) =>
        kind === 'federatedCredential' ? [JSON.stringify([organization, parent])] : [],
      ),
  );
  return {
    named: (all) => namedIn(all, organizations, prune.has('organization')),
    kindsIn: (organization) =>
      new Set(kinds.filter((kind) => mentioned.has(scopeOf({ kind, organization, parent: null })))),
    withFederated: (organization, { key, name }) =>
      [key, name].some((one) => trusting.has(JSON.stringify([organization, one]))),
    demanded: new Set(shared.filter((kind) => [...mentioned].some((one) => JSON.parse(one)[0] === kind))),
  };
}

/** Everything of these organizations, or of all; told what may not be read. */
export function wholeExtent(
  isWanted: (organization: Organization) => boolean,
  onUnread: (what: string, why: string) => void,
): Extent {
  return {
    named: (all) => all.filter(isWanted).map((one) => ({ one, name: one.name })),
    kindsIn: () => new Set(kinds),
    withFederated: () => true,
    demanded: new Set(),
    onUnread,
  };
}

function namedIn(all: readonly Organization[], wanted: readonly Wanted[], withOthers: boolean) {
  const byId = new Map<string, { one: Organization; name: string }>();
  const take = (one: Organization | undefined, name: string) => {
    if (one !== undefined && !byId.has(one.id)) byId.set(one.id, { one, name });
    return one !== undefined;
  };
  for (const { key, fields, isOperator } of wanted) {
    const { externalId } = fields;
    if (isOperator)
      take(
        all.find((one) => one.isOperator),
        key,
      );
    else if (
      typeof externalId !== 'string' ||
      !take(
        all.find((one) => one.externalId === externalId),
        key,
      )
    ) {
      const isFree = (one: Organization) => typeof externalId !== 'string' || one.externalId === null;
      take(
        all.find((one) => one.name === key && isFree(one)),
        key,
      );
    }
  }
  const names = new Set([...byId.values()].map(({ name }) => name));
  for (const one of withOthers ? all : []) take(one, names.has(one.name) ? `${one.name} (${one.id})` : one.name);
  return [...byId.values()];
}
