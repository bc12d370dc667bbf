// The files as one list of what is wanted. An organization or an API may be divided over several documents; anything that
// is said twice is a mistake.

import type { Position, Problem } from '../reading/problem.ts';
import { placeOf } from '../reading/problem.ts';
import type { Node } from '../reading/yaml-node.ts';
import type { ManifestDocument } from './documents.ts';
import { canonical, canonicalKey, type Fields, type Kind, plurals, scopeOf, type Thing, titleOf } from './thing.ts';

export interface Wanted extends Thing {
  /** Only what is said. */
  fields: Fields;
  at: Position;
  /** Where a field stands, or an item of it; where the object begins if it is not said. */
  placeOf(path: readonly (string | number)[]): Position;
  /** Of an organization: the one that operates the server, whatever it is called there. */
  isOperator: boolean;
}

export interface Manifest {
  wanted: Wanted[];
  /** The scopes that the files speak of, were it to say that there is nothing in them. */
  mentioned: Set<string>;
}

export interface CheckedDocument {
  node: Node;
  value: ManifestDocument;
}

export function joinDocuments(documents: readonly CheckedDocument[], problems: Problem[]): Manifest {
  const joining: Joining = { wanted: new Map(), mentioned: new Set(), problems };
  for (const { node, value } of documents) {
    each(joining, node, value.apis, { kind: 'api', organization: null, parent: null }, (api, at) => {
      const { permissions, ...fields } = api;
      add(joining, at, { kind: 'api', organization: null, parent: null, key: api.handle, fields });
      if (permissions === undefined) return;
      const whose = { kind: 'permission', organization: null, parent: api.handle } as const;
      joining.mentioned.add(scopeOf(whose));
      for (const [name, said] of Object.entries(permissions)) {
        const described = typeof said === 'string' ? { description: said } : said;
        add(joining, entryOf(entryOf(at, 'permissions'), name), { ...whose, key: name, fields: described });
      }
    });
    each(joining, node, value.plans, { kind: 'plan', organization: null, parent: null }, (plan, at) =>
      add(joining, at, { kind: 'plan', organization: null, parent: null, key: plan.id, fields: plan }),
    );
    each(joining, node, value.organizations, { kind: 'organization', organization: null, parent: null }, (one, at) => {
      const { roles, users, apiUsers, tokens, applications, webhooks, operator, ...fields } = one;
      const organization = one.name;
      const whole = { kind: 'organization', organization, parent: null, key: organization, fields } as const;
      add(joining, at, whole, operator === true);
      const within = { organization, parent: null };
      each(joining, at, roles, { kind: 'role', ...within }, (role, node) =>
        add(joining, node, { kind: 'role', ...within, key: role.name, fields: role }),
      );
      each(joining, at, users, { kind: 'user', ...within }, (user, node) =>
        add(joining, node, { kind: 'user', ...within, key: user.email, fields: user }),
      );
      each(joining, at, apiUsers, { kind: 'apiUser', ...within }, (apiUser, node) => {
        const { federatedCredentials, ...own } = apiUser;
        const key = apiUser.externalId ?? apiUser.name;
        add(joining, node, { kind: 'apiUser', ...within, key, fields: own });
        const scope = { kind: 'federatedCredential', organization, parent: key } as const;
        each(joining, node, federatedCredentials, scope, (credential, place) =>
          add(joining, place, { ...scope, key: credential.name, fields: credential }),
        );
      });
      each(joining, at, applications, { kind: 'application', ...within }, (application, node) =>
        add(joining, node, { kind: 'application', ...within, key: application.name, fields: application }),
      );
      each(joining, at, tokens, { kind: 'token', ...within }, (token, node) =>
        add(joining, node, { kind: 'token', ...within, key: token.externalId ?? token.name, fields: token }),
      );
      each(joining, at, webhooks, { kind: 'webhook', ...within }, (webhook, node) =>
        add(joining, node, { kind: 'webhook', ...within, key: webhook.url, fields: webhook }),
      );
    });
  }
  return { wanted: [...joining.wanted.values()], mentioned: joining.mentioned };
}

interface Joining {
  wanted: Map<string, Wanted>;
  mentioned: Set<string>;
  problems: Problem[];
}

function each<T>(
  joining: Joining,
  node: Node,
  items: readonly T[] | undefined,
  scope: { kind: Kind; organization: string | null; parent: string | null },
  visit: (item: T, node: Node) => void,
): void {
  if (items === undefined) return;
  joining.mentioned.add(scopeOf({ ...scope, organization: scope.kind === 'organization' ? null : scope.organization }));
  const list = entryOf(node, plurals[scope.kind]);
  for (const [index, item] of items.entries()) {
    visit(item, (list.type === 'list' ? list.items[index] : undefined) ?? list);
  }
}

/** Two documents may each say a part of an organization or an API, and no field twice; anything else stands once. */
function add(joining: Joining, node: Node, thing: Thing, isOperator = false): void {
  const key = canonicalKey(thing.kind, thing.key);
  const fields = Object.fromEntries(
    Object.entries(thing.fields).map(([field, value]) => [field, canonical(field, value)]),
  );
  const organization = thing.kind === 'organization' ? key : thing.organization;
  // A permission is of one API, and unique on the server.
  const parent = thing.kind === 'permission' ? null : thing.parent;
  const scope = { kind: thing.kind, organization: thing.kind === 'organization' ? null : organization, parent };
  const id = JSON.stringify([scopeOf(scope), key]);
  const before = joining.wanted.get(id);
  const place = (path: readonly (string | number)[]) => placeIn(node, path);
  if (before === undefined) {
    const at = node.at;
    joining.wanted.set(id, {
      ...thing,
      key,
      organization,
      fields,
      at,
      isOperator,
      placeOf: (path) => place(path) ?? at,
    });
    return;
  }
  const identity = thing.kind === 'api' ? 'handle' : 'name';
  const mayBeDivided = thing.kind === 'api' || thing.kind === 'organization';
  const twice = Object.keys(fields).filter((field) => field !== identity && field in before.fields);
  if (!mayBeDivided || twice.length > 0) {
    const path = mayBeDivided ? twice.slice(0, 1) : [];
    const what = mayBeDivided ? `${path[0]} of the ${titleOf(before)}` : `The ${titleOf(before)}`;
    const text = `${what} is said twice: first in ${placeOf(before.placeOf(path))}. Keep one of them.`;
    joining.problems.push({ at: place(path) ?? node.at, text });
    return;
  }
  joining.wanted.set(id, {
    ...before,
    fields: { ...before.fields, ...fields },
    isOperator: before.isOperator || isOperator,
    placeOf: (path) => place(path) ?? before.placeOf(path),
  });
}

/** The value of a key; the map itself where there is none, so that a place is told in any case. */
function entryOf(node: Node, key: string): Node {
  return (node.type === 'map' ? node.entries.find((entry) => entry.key === key)?.value : undefined) ?? node;
}

function placeIn(node: Node, path: readonly (string | number)[]): Position | null {
  let here = node;
  let at: Position | null = null;
  for (const step of path) {
    if (here.type === 'map') {
      const entry = here.entries.find(({ key }) => key === step);
      if (entry === undefined) return at;
      [here, at] = [entry.value, entry.at];
    } else {
      const item = here.type === 'list' && typeof step === 'number' ? here.items[step] : undefined;
      if (item === undefined) return at;
      [here, at] = [item, item.at];
    }
  }
  return at;
}
