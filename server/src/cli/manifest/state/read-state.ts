// The present state of a server, as far as somebody asks for it: of the organizations that the files name, or of all, what
// they name of each. It changes nothing. What may not be read is said, and not taken for empty.

import type {
  Api,
  ApiUser,
  Application,
  FederatedCredential,
  Organization,
  Permission,
  Plan,
  Role,
  Self,
  ServerSettings,
  Token,
  User,
  Webhook,
} from '@keyward/sdk/wire';
import type { CommandError } from '../../terminal/command-error.ts';
import type { Kind } from '../model/thing.ts';
import { type Answer, type Asking, answerTo, inFlight, read, readAll, refusal } from './asking.ts';
import {
  type Found,
  foundApi,
  foundApiUser,
  foundApplication,
  foundFederatedCredential,
  foundOrganization,
  foundPermission,
  foundPlan,
  foundRole,
  foundToken,
  foundUser,
  foundWebhook,
} from './found.ts';

/** What of a server is wanted. */
export interface Extent {
  /** Which of these organizations are wanted, each with what the files call it. */
  named(organizations: readonly Organization[]): { one: Organization; name: string }[];
  /** What is to be read of it: `organization` is its name in the files. */
  kindsIn(organization: string): ReadonlySet<Kind>;
  /** Of which API users the federated credentials are wanted. */
  withFederated(organization: string, apiUser: Found): boolean;
  /** What of the whole server must be readable: else it throws. */
  demanded: ReadonlySet<Kind>;
  /** Told what could not be read, instead of an error, where there is such a function. */
  onUnread?: (what: string, why: string) => void;
}

export interface State {
  /** The server's own address. */
  url: string;
  /** Who asks. */
  self: Self;
  found: Found[];
  /** Kinds of the whole server that are known: of others nothing can be said. */
  known: ReadonlySet<Kind>;
  /** Of a caller that is an API token: the id of its owner. */
  selfOwnerId: string | null;
  /** Whether the caller is of the organization with this id, and does not act for it. */
  isOwn(organizationId: string): boolean;
}

export async function readState(asking: Asking, extent: Extent): Promise<State> {
  const [self, settings] = await Promise.all([
    read<Self>(asking, { method: 'GET', path: '/v1/self' }),
    read<ServerSettings>(asking, { method: 'GET', path: '/v1/settings' }),
  ]);
  const { url, defaultPlan } = settings;
  const known = new Set<Kind>();
  const found: Found[] = [];
  const shared = async <T>(kind: Kind, path: string, toFound: (one: T) => Found | null) => {
    const { status, json } = await answerTo(asking, { method: 'GET', path });
    if (status === 200) {
      known.add(kind);
      for (const one of (json as { items: T[] } | null)?.items ?? []) {
        const thing = toFound(one);
        if (thing !== null) found.push(thing);
      }
    } else if (extent.onUnread !== undefined && status === 403) {
      extent.onUnread(path, detail(json));
    } else if (extent.demanded.has(kind) || status !== 403) {
      throw refusal({ status, json }, `GET ${path}`);
    }
  };
  await Promise.all([
    shared<Api>('api', '/v1/apis', (api) => foundApi(api, url)),
    shared<Permission>('permission', '/v1/permissions', (one) => (one.builtIn ? null : foundPermission(one))),
    shared<Plan>('plan', '/v1/plans', (plan) => foundPlan(plan, defaultPlan)),
  ]);
  const organizations = await readAll<Organization>(asking, '/v1/organizations', { sort: 'name' });
  const isOwn = (id: string) => self.organization.id === id;
  const parts = await inFlight(extent.named(organizations), ({ one, name }) =>
    readOrganization({ asking, extent, url, isOwn }, one, name),
  );
  found.push(...parts.flat());
  const selfOwnerId = self.type === 'api_token' ? await ownerOf(asking, self.id) : null;
  return { url, self, found, known, selfOwnerId, isOwn };
}

interface Reading {
  asking: Asking;
  extent: Extent;
  url: string;
  isOwn(id: string): boolean;
}

async function readOrganization(reading: Reading, one: Organization, name: string): Promise<Found[]> {
  const { asking, extent, url } = reading;
  const wanted = extent.kindsIn(name);
  const query: Record<string, string> = reading.isOwn(one.id) ? {} : { organization: one.id };
  const list = async <T>(
    isWanted: boolean,
    path: string,
    how: Record<string, string> = { sort: 'name' },
  ): Promise<T[]> => {
    if (!isWanted) return [];
    try {
      return await readAll<T>(asking, path, { ...query, ...how });
    } catch (error) {
      if (extent.onUnread === undefined) throw error;
      extent.onUnread(`${path} of ${name}`, (error as CommandError).message);
      return [];
    }
  };
  const needsOwners = wanted.has('token');
  const whole = async <T>(isWanted: boolean, path: string): Promise<T[]> => {
    if (!isWanted) return [];
    const answer = await answerTo(asking, { method: 'GET', path, query });
    if (answer.status === 200) return (answer.json as { items: T[] } | null)?.items ?? [];
    if (extent.onUnread === undefined) throw refusal(answer, `GET ${path}`);
    extent.onUnread(`${path} of ${name}`, detail(answer.json));
    return [];
  };
  const [roles, users, apiUsers, applications, tokens, webhooks] = await Promise.all([
    whole<Role>(wanted.has('role') || wanted.has('user') || wanted.has('apiUser'), '/v1/roles'),
    list<User>(wanted.has('user') || needsOwners, '/v1/users'),
    list<ApiUser>(wanted.has('apiUser') || needsOwners, '/v1/api-users'),
    list<Application>(wanted.has('application'), '/v1/applications'),
    list<Token>(wanted.has('token'), '/v1/tokens', { sort: 'name', whose: 'all' }),
    list<Webhook>(wanted.has('webhook'), '/v1/webhooks', {}),
  ]);
  const found: Found[] = [foundOrganization(one, name)];
  found.push(...roles.filter((role) => !role.builtIn).map((role) => foundRole(role, name)));
  found.push(...users.map((user) => foundUser(user, name)));
  const machines = apiUsers.map((apiUser) => foundApiUser(apiUser, name));
  found.push(...machines);
  found.push(...applications.map((application) => foundApplication(application, name)));
  const keys = new Map(machines.map(({ id, key }) => [id, key]));
  const people = new Set(users.map(({ id }) => id));
  const isPerson = (id: string) => people.has(id);
  found.push(...tokens.map((token) => foundToken(token, name, (id) => keys.get(id), isPerson)));
  found.push(...webhooks.map((webhook) => foundWebhook(webhook, name)));
  const trusting = machines.filter((apiUser) => extent.withFederated(name, apiUser));
  const lists = await inFlight(trusting, async ({ id, key }) => {
    const path = `/v1/api-users/${id}/federated-credentials`;
    const credentials = await whole<FederatedCredential>(true, path);
    return credentials.map((credential) => foundFederatedCredential(credential, name, key, url));
  });
  found.push(...lists.flat());
  return found;
}

async function ownerOf(asking: Asking, tokenId: string): Promise<string | null> {
  const { status, json } = await answerTo(asking, { method: 'GET', path: `/v1/tokens/${tokenId}` });
  const owner = status === 200 ? (json?.owner as { id?: string } | undefined) : undefined;
  return owner?.id ?? null;
}

function detail(json: Answer['json']): string {
  return typeof json?.detail === 'string' ? json.detail : 'It may not be read.';
}
