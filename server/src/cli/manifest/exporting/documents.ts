// What was found on a server as one document of the files: every field that is not as usual, in one order, and nothing that
// could not be applied. What is left out is told beside the list that it would stand in.

import type { ManifestDocument } from '../model/documents.ts';
import { fieldsOf, isSame, type Kind, kinds, plurals } from '../model/thing.ts';
import type { Found } from '../state/found.ts';

/** Objects as they are written; `comments` stand before lists, by the path to them. */
export interface Exported {
  document: ManifestDocument;
  comments: Map<string, string[]>;
}

export function toDocument(found: readonly Found[]): Exported {
  const comments = new Map<string, string[]>();
  const byScope = Map.groupBy(found, ({ kind, organization, parent }) => scope(kind, organization, parent));
  const of = (kind: Kind, organization: string | null = null, parent: string | null = null): Found[] =>
    (byScope.get(scope(kind, organization, parent)) ?? []).toSorted((one, other) => compare(one.key, other.key));
  const say = (path: string, text: string) => {
    comments.set(path, [...(comments.get(path) ?? []), text]);
  };
  const apis = of('api').map((api) => ({ ...written(api), permissions: catalogueOf(of('permission', null, api.key)) }));
  const plans = of('plan').map((plan) => written(plan));
  const organizations = found
    .filter(({ kind }) => kind === 'organization')
    .toSorted((one, other) => Number(other.isOperator) - Number(one.isOperator) || compare(one.key, other.key))
    .map((one, index) => {
      const name = one.key;
      const path = `organizations.${index}`;
      const apiUsers = unambiguous(of('apiUser', name), (text) => say(`${path}.apiUsers`, text));
      const keys = new Set(apiUsers.map(({ key }) => key));
      const tokens = of('token', name).filter((token) => {
        const { owner } = token.fields as { owner?: { apiUser?: string } };
        const isThere = owner !== undefined && (owner.apiUser === undefined || keys.has(owner.apiUser));
        if (!isThere) say(`${path}.tokens`, `The API token ${token.name} is left out: its owner is gone, or left out.`);
        return isThere;
      });
      const owners = new Set(of('user', name).flatMap((user) => (user.fields.role === 'owner' ? [user.key] : [])));
      const theirs = tokens.filter(({ fields }) => owners.has((fields.owner as { user?: string }).user ?? ''));
      if (theirs.length > 0 && !one.isOperator) {
        const names = theirs.map((token) => token.name).join(', ');
        say(
          `${path}.tokens`,
          `On another server only an owner of this organization can make what owners have: ${names}.`,
        );
      }
      const registered = of('application', name).filter(({ fixed }) => fixed === null);
      const applications = unambiguous(registered, (text) => say(`${path}.applications`, text));
      const lists = {
        roles: of('role', name).map(written),
        users: of('user', name).map(written),
        apiUsers: apiUsers.map((apiUser) => ({
          ...written(apiUser),
          ...list('federatedCredentials', of('federatedCredential', name, apiUser.key).map(written)),
        })),
        applications: applications.map(written),
        tokens: tokens.map(written),
        webhooks: unambiguous(of('webhook', name), (text) => say(`${path}.webhooks`, text)).map(written),
      };
      const { name: called, ...own } = written(one);
      return { name: called, ...(one.isOperator && { operator: true }), ...own, ...ordered(lists) };
    });
  const document = {
    ...list('apis', apis),
    ...list('plans', plans),
    ...list('organizations', organizations),
  } as unknown as ManifestDocument;
  return { document, comments };
}

/** Its fields in the order of their definitions, without those that are as usual when left out. */
function written({ kind, fields, key, name }: Found): Record<string, unknown> {
  const identity = { plan: 'id', api: 'handle', user: 'email', webhook: 'url' }[kind as string];
  const entries = [...fieldsOf[kind]].flatMap(([field, usual]): [string, unknown][] => {
    if (field === identity) return [[field, name]];
    const value = kind === 'organization' && field === 'name' ? key : fields[field];
    if (value === undefined || (usual !== undefined && isSame(value, usual))) return [];
    if (field === 'externalId' && value === null) return [];
    return field === 'active' && value === true ? [] : [[field, value]];
  });
  return Object.fromEntries(entries);
}

function catalogueOf(permissions: readonly Found[]): Record<string, unknown> {
  return Object.fromEntries(
    permissions.map(({ key, fields: { description, group } }) => [
      key,
      group === '' || group === undefined ? description : { description, group },
    ]),
  );
}

/** Without those that share a name and have no external id: no file could say which is meant. */
function unambiguous(all: readonly Found[], say: (text: string) => void): Found[] {
  const names = Map.groupBy(
    all.filter(({ externalId }) => externalId === null),
    ({ name }) => name,
  );
  const isDouble = (one: Found) => one.externalId === null && (names.get(one.name)?.length ?? 0) > 1;
  for (const [name, same] of names) {
    if (same.length < 2) continue;
    const mend = mends[same[0]?.kind ?? 'application'] ?? 'rename them';
    say(`${same.length} called ${name} are left out, as nothing tells them apart: ${mend}.`);
  }
  return all.filter((one) => !isDouble(one));
}

const mends: Partial<Record<Kind, string>> = { apiUser: 'give them external ids', webhook: 'keep one of them' };

function ordered(lists: Record<string, unknown[]>): Record<string, unknown> {
  const names = kinds.map((kind) => plurals[kind]);
  return Object.fromEntries(
    Object.entries(lists)
      .filter(([, items]) => items.length > 0)
      .sort(([one], [other]) => names.indexOf(one) - names.indexOf(other)),
  );
}

function list(name: string, items: readonly unknown[]): Record<string, unknown> {
  return items.length === 0 ? {} : { [name]: items };
}

function scope(kind: Kind, organization: string | null, parent: string | null): string {
  return JSON.stringify([kind, kind === 'organization' ? null : organization, parent]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
