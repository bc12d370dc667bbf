// Made-up servers as files, the same for the same seed: everything that files can say, in every form that the API takes. For
// tests only.

import { createHash } from 'node:crypto';
import type {
  ApiUserDocument,
  ManifestDocument,
  OrganizationDocument,
  PlanDocument,
  TokenDocument,
  WebhookDocument,
} from '../../server/src/cli/manifest/model/documents.ts';

export interface Chance {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  one<T>(of: readonly T[]): T;
  /** Some of them, at least one, in any order. */
  some<T>(of: readonly T[]): T[];
  yes(oneIn?: number): boolean;
}

export function chanceOf(seed: number): Chance {
  let count = 0;
  const below = (limit: number) => {
    count += 1;
    return createHash('sha256').update(`${seed}:${count}`).digest().readUInt32BE() % limit;
  };
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  return {
    below,
    one,
    some: (of) => {
      const rest = [...of];
      return Array.from({ length: 1 + below(of.length) }, () => rest.splice(below(rest.length), 1)).flat();
    },
    yes: (oneIn = 2) => below(oneIn) === 0,
  };
}

/** About so many objects; people cost a slow hash each, and so are few. */
export function generated(seed: number, things: number): ManifestDocument {
  const chance = chanceOf(seed);
  const apis = Array.from({ length: 3 }, (_, index) => ({
    handle: `api-${index}`,
    name: names[index] as string,
    identifier: chance.yes() ? `urn:test:api-${index}` : null,
    description: chance.one(['', 'An API', 'Zeile eins\nZeile zwei: "Anführung"']),
    signingAlgorithm: chance.one(['ES256', 'RS256', 'EdDSA'] as const),
    permissions: Object.fromEntries(
      ['read', 'write', 'run'].map((verb) => [
        `${verb}:thing-${index}`,
        chance.yes()
          ? `To ${verb}`
          : { description: chance.one(['', '# no comment']), group: chance.one(['', 'Group é']) },
      ]),
    ),
  }));
  const permissions = apis.flatMap((api) => Object.keys(api.permissions));
  const patterns = [...permissions, '*:*', 'read:*', '*:thing-1'];
  const plans = Array.from({ length: 4 }, (_, index) => planOf(chance, index, patterns));
  const customers = Math.max(1, Math.round(things / 60));
  const each = Math.max(4, Math.floor((things - 40) / customers));
  const organizations = Array.from({ length: customers }, (_, index) =>
    organizationOf(chance, index, each, {
      plans: plans.map(({ id }) => id),
      permissions,
      apis: apis.map(({ handle }) => handle),
    }),
  );
  return { apis, plans, organizations };
}

const names = [
  'Größe',
  'no',
  '12',
  'null',
  '- dash',
  'a: b',
  '"quoted"',
  "it's",
  '{x}',
  '日本',
  'Ünïcode 🎉',
  '*star',
  '&and',
  '!bang',
  'x # y',
  '0x1F',
  'true',
  '~',
  '@at',
  '`tick',
];

function planOf(chance: Chance, index: number, patterns: readonly string[]): PlanDocument {
  const windows = chance.some(['1m', '1h', '1d', '7d'] as const);
  return {
    id: `plan-${index}`,
    name: `${chance.one(names)} ${index}`,
    limits: windows.map((window) => {
      const per = chance.one(['organization', 'contributor', 'api_token', 'address'] as const);
      return {
        limit: 1 + chance.below(10_000),
        window,
        per,
        ...(per === 'contributor' && { cap: 10_001 + chance.below(100) }),
      };
    }),
    whenUnavailable: chance.one(['local', 'deny', 'allow'] as const),
    entitlement: chance.yes() ? ['*:*'] : ['*:*', ...chance.some(patterns)],
  };
}

interface Known {
  plans: readonly string[];
  permissions: readonly string[];
  apis: readonly string[];
}

function organizationOf(chance: Chance, index: number, things: number, known: Known): OrganizationDocument {
  const patterns = [...known.permissions, 'read:*', '*:thing-1', '*:*'];
  const roles = Array.from({ length: 3 }, (_, at) => ({
    name: `role-${at}`,
    description: chance.one(['', 'What it is for', names[at] as string]),
    permissions: chance.some(patterns),
  }));
  // What tokens hold is within their owners' role.
  roles.push({ name: 'everything', description: '', permissions: ['*:*', 'manage:own_api_key'] });
  const apiUsers = Array.from({ length: Math.ceil(things / 4) }, (_, at) => apiUserOf(chance, at));
  const users =
    index > 2 ? [] : [{ email: `person-${index}@customer-${index}.example`, name: 'Person', role: 'everything' }];
  const tokens = Array.from({ length: Math.ceil(things / 2) }, (_, at) => tokenOf(chance, at, apiUsers, known));
  const applications = [
    {
      name: `App ${chance.one(names)}`,
      type: chance.one(['public', 'confidential'] as const),
      redirectUris: ['https://app.example/cb', 'http://127.0.0.1/cb'],
      permissions: chance.some(known.permissions),
      logoUrl: chance.yes() ? 'https://app.example/logo.png' : null,
      ...(chance.yes(3) && { active: false }),
    },
  ];
  return {
    name: `customer-${index}`,
    ...(chance.yes() && { externalId: `ext/${index} é` }),
    plan: chance.one([...known.plans, null]),
    contributors: 1 + chance.below(50),
    longestTokenLifetime: chance.yes(3) ? '3650d' : null,
    entitlement: chance.yes(3) ? ['*:*'] : null,
    leakPolicy: chance.one([
      { action: 'deactivate' },
      { action: 'notify', descendants: false },
      { action: 'shorten', endsAfter: '24h' },
    ] as const),
    metadata: chance.yes()
      ? { n: chance.below(100), deep: { list: [1, 'two', null, true], text: chance.one(names) } }
      : null,
    roles,
    users,
    apiUsers,
    applications,
    tokens,
    webhooks: Array.from({ length: 3 }, (_, at) => webhookOf(chance, at)),
  };
}

function apiUserOf(chance: Chance, at: number): ApiUserDocument {
  const hasId = chance.yes();
  return {
    name: hasId ? chance.one(names) : `Robot ${at}`,
    ...(hasId && { externalId: `robot-${at}` }),
    role: 'everything',
    ...(chance.yes(4) && { metadata: { at } }),
    ...(chance.yes(8) && { active: false }),
    ...(chance.yes(4) && {
      federatedCredentials: [
        {
          name: 'ci',
          issuer: 'https://issuer.example',
          conditions: { sub: `repo:shop-${at}:*`, environment: 'production' },
          ...(chance.yes() && { audience: 'urn:audience' }),
        },
        ...(chance.yes() ? [{ name: 'own keys', issuer: null, jwks: { keys: [key] } }] : []),
      ],
    }),
  };
}

/** They are never reached: the names are of nobody. */
function webhookOf(chance: Chance, at: number): WebhookDocument {
  return {
    url: `https://hooks-${at}.invalid/größe?at=${at}`,
    ...(chance.yes() && { description: chance.one(names) }),
    events: chance.yes()
      ? ['*', 'token.leaked']
      : chance.some(['token.created', 'token.leaked', 'member.joined'] as const),
    ...(chance.yes() && { expiringDays: 1 + chance.below(300) }),
    ...(chance.yes(3) && { active: false }),
  };
}

const key = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'one',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};

function tokenOf(
  chance: Chance,
  at: number,
  owners: readonly ApiUserDocument[],
  { permissions, apis }: Known,
): TokenDocument {
  const owner = chance.one(owners);
  return {
    name: `${chance.one(names)} ${at}`,
    ...(chance.yes(4) && { externalId: `token-${at}` }),
    owner: { apiUser: owner.externalId ?? owner.name },
    description: chance.one(['', 'Of a pipeline', 'Two\nlines']),
    permissions: chance.some(permissions),
    use: chance.one(['direct', 'exchange', 'both'] as const),
    addresses: chance.yes(3) ? ['192.0.2.0/24', '2001:db8::/32', `198.51.100.${at % 250}`] : [],
    apis: chance.yes(3) ? chance.some(apis) : null,
    limits: chance.yes(3) ? [{ limit: 1 + chance.below(100), window: '1m' }] : [],
    expiresAt: `20${30 + chance.below(3)}-01-01T00:00:00.000Z`,
    ...(chance.yes(5) && { readable: true }),
    metadata: chance.yes(4) ? { team: chance.one(names) } : null,
    ...(chance.yes(6) && { active: false }),
  };
}
