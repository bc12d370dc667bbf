// What the files may say, noun by noun. These definitions check the files and are the JSON Schema that editors read; what is
// left out has the value that `default` says, and where none is said it stays as it is: so it is with all of organizations and
// APIs, of which a file may name no more than what it is about.

import { everyEvent, webhookEvents } from '@keyward/rules/webhooks/events';
import { type Static, Type } from 'typebox';
import { Duration, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

const name = (of: string) => Type.String({ minLength: 1, description: `What ${of} is called.` });
const description = Type.Optional(Type.String({ default: '' }));
const patterns = (says: string) =>
  Type.Array(
    Type.String({
      pattern: '^(\\*|[A-Za-z0-9_.\\-]{1,64}):(\\*|[A-Za-z0-9_.\\-]{1,64})$',
      mend: 'write verb:resource, such as read:orders; * may stand for a side',
    }),
    { maxItems: 200, description: says },
  );
const orNothing = <T extends Parameters<typeof Type.Optional>[0]>(schema: T, says: string) =>
  Type.Union([schema, Type.Null()], { description: says });
const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T, says: string) =>
  Type.Union([schema, Type.Null()], { description: says, default: null });
const externalId = Type.Optional(
  Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
    description: 'What your own systems call it. With it the object is recognised, even under another name.',
  }),
);
const anyObject = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true });
const metadata = Type.Optional(orNull(anyObject, 'A JSON object of yours, of at most 4,096 bytes. Never a secret.'));
const active = Type.Optional(
  Type.Boolean({
    description: 'Left out, a new one is active, and one that was deactivated by hand stays so until true is written.',
  }),
);
const addresses = Type.Array(Type.String({ minLength: 1 }), {
  maxItems: 100,
  default: [],
  description: 'Addresses and ranges that it may be used from; anywhere if empty.',
});
const calls = {
  limit: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'So many calls …' }),
  window: Duration,
};
const jwks = Type.Optional(orNull(anyObject, 'Public keys (RFC 7517).'));
const jwksUri = Type.Optional(orNull(Type.String({ minLength: 1 }), 'Where its public keys are.'));

const PermissionOfApi = Type.Union(
  [
    Type.String({ description: 'What it allows.' }),
    Type.Object(
      { description, group: Type.Optional(Type.String({ default: '' })) },
      { ...closed, description: 'What it allows, and under which heading it is listed.' },
    ),
  ],
  { description: 'verb:resource, with what it allows.' },
);

export const ApiDocument = Type.Object(
  {
    handle: Type.String({ minLength: 1, description: 'What routes and requests name it by; it stays.' }),
    name: Type.Optional(name('it')),
    identifier: Type.Optional(orNothing(Type.String({ minLength: 1 }), 'An absolute URI, the audience of its tokens.')),
    description: Type.Optional(Type.String()),
    signingAlgorithm: Type.Optional(Type.Enum(['ES256', 'RS256', 'EdDSA'])),
    permissions: Type.Optional(
      Type.Record(Type.String(), PermissionOfApi, { description: 'Its catalogue: by permission what it allows.' }),
    ),
  },
  closed,
);
export type ApiDocument = Static<typeof ApiDocument>;

export const PlanDocument = Type.Object(
  {
    id: Type.String({ minLength: 1, description: 'What organizations name it by; it stays.' }),
    name: Type.Optional(name('it')),
    limits: Type.Array(
      Type.Object(
        {
          ...calls,
          per: Type.Enum(['organization', 'contributor', 'api_token', 'address'], {
            description: 'Whose calls are counted together.',
          }),
          cap: Type.Optional(
            orNull(Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), 'The most that it multiplies to.'),
          ),
        },
        closed,
      ),
      { maxItems: 4, description: 'All of them must have room for a call; with none, nothing is limited.' },
    ),
    whenUnavailable: Type.Optional(Type.Enum(['local', 'deny', 'allow'], { default: 'local' })),
    entitlement: Type.Optional({
      ...patterns('What organizations with it may hold at most; everything unless said.'),
      default: ['*:*'],
    }),
  },
  closed,
);
export type PlanDocument = Static<typeof PlanDocument>;

export const RoleDocument = Type.Object(
  { name: name('it'), description, permissions: patterns('What it holds.') },
  closed,
);
export type RoleDocument = Static<typeof RoleDocument>;

export const UserDocument = Type.Object(
  {
    email: Type.String({ minLength: 1, description: 'What they sign in with.' }),
    name: name('the person'),
    role: Type.String({ minLength: 1 }),
    active,
  },
  closed,
);
export type UserDocument = Static<typeof UserDocument>;

export const FederatedCredentialDocument = Type.Object(
  {
    name: name('it'),
    issuer: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      description: 'Whose tokens are taken; null for those that the client signs itself. It stays.',
    }),
    audience: Type.Optional(
      orNull(Type.String({ minLength: 1 }), "Whom they are for; this server's address unless said."),
    ),
    conditions: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        default: {},
        description: 'By claim what it must be; * stands for any characters.',
      }),
    ),
    jwksUri,
    jwks,
  },
  closed,
);
export type FederatedCredentialDocument = Static<typeof FederatedCredentialDocument>;

export const ApiUserDocument = Type.Object(
  {
    name: name('it'),
    externalId,
    role: Type.String({ minLength: 1 }),
    metadata,
    active,
    federatedCredentials: Type.Optional(
      Type.Array(FederatedCredentialDocument, {
        maxItems: 20,
        description: 'Outside tokens in place of its password.',
      }),
    ),
  },
  closed,
);
export type ApiUserDocument = Static<typeof ApiUserDocument>;

export const TokenDocument = Type.Object(
  {
    name: name('it'),
    externalId,
    owner: Type.Optional(
      Type.Object(
        {
          user: Type.Optional(Type.String({ minLength: 1, description: 'The e-mail address.' })),
          apiUser: Type.Optional(Type.String({ minLength: 1, description: 'The external id, or the name.' })),
        },
        {
          ...closed,
          minProperties: 1,
          maxProperties: 1,
          description: 'Whose it is. Left out, a new one is of whoever applies the files.',
        },
      ),
    ),
    description,
    permissions: patterns('What it may do, as far as its owner and its organization may.'),
    use: Type.Optional(Type.Enum(['direct', 'exchange', 'both'], { default: 'both' })),
    addresses: Type.Optional(addresses),
    apis: Type.Optional(
      orNull(
        Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 100 }),
        'The handles of the only APIs that it is for; null for all.',
      ),
    ),
    limits: Type.Optional(
      Type.Array(Type.Object(calls, closed), { maxItems: 4, default: [], description: "Beside the plan's." }),
    ),
    expiresAt: Type.Optional(orNull(Time, 'When it ends; null for never.')),
    readable: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether its owner may read the secret again.' }),
    ),
    metadata,
    active,
  },
  closed,
);
export type TokenDocument = Static<typeof TokenDocument>;

export const ApplicationDocument = Type.Object(
  {
    name: name('it'),
    type: Type.Enum(['public', 'confidential'], { description: 'It stays.' }),
    redirectUris: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 20, default: [] })),
    grants: Type.Optional(
      Type.Array(Type.Enum(['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']), {
        maxItems: 3,
        default: ['authorization_code', 'refresh_token'],
      }),
    ),
    permissions: patterns('What it may ask people for at most.'),
    logoUrl: Type.Optional(orNull(Type.String({ minLength: 1 }), 'An https address.')),
    jwksUri,
    jwks,
    active,
  },
  closed,
);
export type ApplicationDocument = Static<typeof ApplicationDocument>;

export const WebhookDocument = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2000, description: 'An https address: what it goes by.' }),
    description,
    events: Type.Optional(
      Type.Array(Type.Enum([everyEvent, ...webhookEvents]), {
        minItems: 1,
        maxItems: 100,
        default: [everyEvent],
        description: 'What it is sent; * for all.',
      }),
    ),
    expiringDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 365, default: 7, description: 'How many days ahead it is told of ends.' }),
    ),
    active,
  },
  closed,
);
export type WebhookDocument = Static<typeof WebhookDocument>;

export const OrganizationDocument = Type.Object(
  {
    name: name('it'),
    operator: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'true for the one that operates the server, whatever it is called.',
      }),
    ),
    externalId,
    plan: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Null()], { description: 'The id of a plan; null for no limit.' }),
    ),
    contributors: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    longestTokenLifetime: Type.Optional(
      orNothing(Duration, 'How long after it was made an API token ends at the latest.'),
    ),
    entitlement: Type.Optional(
      orNothing(patterns('Permissions of the APIs.'), 'What it may hold at most, in place of what its plan says.'),
    ),
    leakPolicy: Type.Optional(
      Type.Object(
        {
          action: Type.Enum(['notify', 'shorten', 'deactivate']),
          endsAfter: Type.Optional(Duration),
          descendants: Type.Optional(
            Type.Boolean({ default: true, description: 'Whether what it made ends with it.' }),
          ),
        },
        { ...closed, description: 'What becomes of an API token that was found where it should not be.' },
      ),
    ),
    metadata: Type.Optional(orNothing(anyObject, 'A JSON object of yours, of at most 4,096 bytes. Never a secret.')),
    active,
    roles: Type.Optional(Type.Array(RoleDocument)),
    users: Type.Optional(Type.Array(UserDocument)),
    apiUsers: Type.Optional(Type.Array(ApiUserDocument)),
    tokens: Type.Optional(
      Type.Array(TokenDocument, { description: 'API tokens: what is known of them but their secrets.' }),
    ),
    applications: Type.Optional(Type.Array(ApplicationDocument)),
    webhooks: Type.Optional(
      Type.Array(WebhookDocument, { description: 'Where what happens is sent; not the secrets that sign it.' }),
    ),
  },
  closed,
);
export type OrganizationDocument = Static<typeof OrganizationDocument>;

export const ManifestDocument = Type.Object(
  {
    apis: Type.Optional(Type.Array(ApiDocument)),
    plans: Type.Optional(Type.Array(PlanDocument)),
    organizations: Type.Optional(Type.Array(OrganizationDocument)),
  },
  closed,
);
export type ManifestDocument = Static<typeof ManifestDocument>;
