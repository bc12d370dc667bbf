// What the API answers, as things that can be compared with the files: nothing but what the files can say, in their words.

import type {
  Api,
  ApiUser,
  Application,
  FederatedCredential,
  Organization,
  Permission,
  Plan,
  Role,
  Token,
  User,
  Webhook,
} from '@keyward/sdk/wire';
import { canonical, type Fields, fieldsOf, type Kind, type Thing } from '../model/thing.ts';
import { durationOf } from '../model/values.ts';

/** A thing that there is. */
export interface Found extends Thing {
  /** What the API names it by. */
  id: string;
  /** What it is called: of several without an external id the same. */
  name: string;
  externalId: string | null;
  /** Of a token: the id of its owner. */
  ownerId: string | null;
  /** Of an organization. */
  isOperator: boolean;
  /** In words why it is neither changed nor removed; null for most. */
  fixed: string | null;
  createdAt: string;
}

interface Place {
  organization: string | null;
  parent?: string | null;
}

function found(kind: Kind, place: Place, id: string, name: string, fields: Fields, more: Partial<Found> = {}): Found {
  const known = fieldsOf[kind];
  const own = Object.entries(fields).filter(([field]) => known.has(field));
  const { externalId = null } = more;
  return {
    kind,
    organization: place.organization,
    parent: place.parent ?? null,
    key: externalId ?? name,
    id,
    name,
    externalId,
    ownerId: null,
    isOperator: false,
    fixed: null,
    createdAt: '',
    ...more,
    fields: Object.fromEntries(own.map(([field, value]) => [field, canonical(field, value)])),
  };
}

/** `url`: the server's own address, from which identifiers that nobody chose follow. */
export function foundApi(api: Api, url: string): Found {
  const usual = api.handle === 'default' ? url : `${url}/v1/apis/${api.handle}`;
  const identifier = api.identifier === usual ? null : api.identifier;
  const fixed = api.handle === 'default' ? 'it is there from the start' : null;
  return found('api', { organization: null }, api.handle, api.handle, { ...api, identifier }, { fixed });
}

export function foundPermission(permission: Permission): Found {
  const place = { organization: null, parent: permission.api };
  return found('permission', place, permission.name, permission.name, { ...permission });
}

export function foundPlan(plan: Plan, defaultPlan: string | undefined): Found {
  const limits = plan.limits.map(({ windowMs, ...limit }) => ({ ...limit, window: durationOf(windowMs) }));
  const fixed =
    plan.id === 'anonymous'
      ? 'calls without a credential spend it'
      : plan.id === defaultPlan
        ? 'new organizations get it'
        : null;
  return found('plan', { organization: null }, plan.id, plan.id, { ...plan, limits }, { fixed });
}

/** `organization`: what the files call it. */
export function foundOrganization(one: Organization, organization: string): Found {
  const { longestTokenLifetimeMs: ms, planId, isOperator, externalId, createdAt } = one;
  const { endsAfterMs, ...policy } = one.leakPolicy;
  const leakPolicy = { ...policy, ...(endsAfterMs !== null && { endsAfter: durationOf(endsAfterMs) }) };
  const fields = { ...one, leakPolicy, plan: planId, longestTokenLifetime: ms === null ? null : durationOf(ms) };
  const fixed = isOperator ? 'it operates the server' : null;
  const more = { isOperator, externalId, createdAt, fixed };
  return { ...found('organization', { organization }, one.id, one.name, fields, more), key: organization };
}

export function foundRole(role: Role, organization: string): Found {
  return found('role', { organization }, role.name, role.name, { ...role });
}

export function foundUser(user: User, organization: string): Found {
  const fields = { ...user, active: user.deactivatedAt === null };
  return found('user', { organization }, user.id, user.email, fields, { createdAt: user.createdAt });
}

export function foundApiUser(apiUser: ApiUser, organization: string): Found {
  const { externalId, createdAt } = apiUser;
  const fields = { ...apiUser, active: apiUser.deactivatedAt === null };
  return found('apiUser', { organization }, apiUser.id, apiUser.name, fields, { externalId, createdAt });
}

export function foundFederatedCredential(
  credential: FederatedCredential,
  organization: string,
  parent: string,
  url: string,
): Found {
  const audience = credential.audience === url ? null : credential.audience;
  const fields = { ...credential, audience };
  return found('federatedCredential', { organization, parent }, credential.id, credential.name, fields);
}

export function foundApplication(application: Application, organization: string): Found {
  const { metadataUrl, createdAt } = application;
  const fixed = metadataUrl === null ? null : 'it describes itself';
  return found(
    'application',
    { organization },
    application.id,
    application.name,
    { ...application },
    { fixed, createdAt },
  );
}

/** `keyOf`: what the files call an API user by its id, or undefined if it is gone. */
export function foundToken(
  token: Token,
  organization: string,
  keyOf: (apiUserId: string) => string | undefined,
  isThere: (userId: string) => boolean,
): Found {
  const { owner, externalId, createdAt } = token;
  const limits = token.limits.map(({ windowMs, limit }) => ({ limit, window: durationOf(windowMs) }));
  const apiUser = owner.type === 'api_user' ? keyOf(owner.id) : undefined;
  const user = owner.type === 'user' && isThere(owner.id) ? owner.name : undefined;
  const isGone = apiUser === undefined && user === undefined;
  const fields = {
    ...token,
    limits,
    owner: isGone ? undefined : apiUser === undefined ? { user } : { apiUser },
    active: token.deactivatedAt === null,
  };
  return found('token', { organization }, token.id, token.name, fields, { externalId, createdAt, ownerId: owner.id });
}

export function foundWebhook(webhook: Webhook, organization: string): Found {
  const { id, url, createdAt } = webhook;
  return found('webhook', { organization }, id, url, { ...webhook }, { createdAt });
}
