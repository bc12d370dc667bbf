// Importing what was made elsewhere: how foreign secrets are recognised, and batches of rows.

import { type Static, Type } from 'typebox';
import { closed, ExternalId, listOf, Metadata, Patterns, Time, TimeOrNull } from './parts.ts';
import { Addresses, Apis, Limits, OwnerId, use } from './tokens.ts';

const alphabet = Type.Enum(['hex', 'base62', 'base64', 'base64url', 'printable']);

/** What an imported secret looks like: prefix and suffix, the characters between them, and the length of the whole. */
export const SecretShape = Type.Object({
  prefix: Type.String(),
  suffix: Type.String(),
  alphabet,
  minLength: Type.Integer(),
  maxLength: Type.Integer(),
});
export type SecretShape = Static<typeof SecretShape>;

/** `GET /v1/secret-shapes`: what is of none of them, and of no form of Keyward's own, is no credential. */
export const SecretShapeList = listOf(SecretShape);
export type SecretShapeList = Static<typeof SecretShapeList>;

const algorithm = Type.Enum(['raw', 'sha256', 'sha512', 'sha1', 'hmac-sha256', 'bcrypt', 'argon2id', 'pbkdf2']);
const encoding = Type.Enum(['hex', 'base64', 'base64url', 'crypt']);
/** Which part of the secret was hashed. */
const hashed = Type.Enum(['whole', 'after_prefix', 'after_separator']);
const salt = Type.Enum(['none', 'before', 'after']);

/** The part of the secret that finds its row: so many characters, or one of the parts that a separator divides it into. */
const Locator = Type.Union([
  Type.Object({ start: Type.Integer({ minimum: 0 }), length: Type.Integer({ minimum: 1 }) }, closed),
  Type.Object({ separator: Type.String(), part: Type.Integer({ minimum: 0 }) }, closed),
  Type.Null(),
]);

export const NewImportRecipe = Type.Object(
  {
    /** Small letters, digits, `-` and `_`. */
    name: Type.String(),
    algorithm,
    /** `hex`, or `crypt` for bcrypt, Argon2id and PBKDF2, unless said otherwise. */
    encoding: Type.Optional(encoding),
    shape: Type.Optional(
      Type.Partial(
        Type.Object({
          prefix: Type.String(),
          suffix: Type.String(),
          alphabet,
          minLength: Type.Integer({ minimum: 0 }),
          maxLength: Type.Integer({ minimum: 0 }),
        }),
        closed,
      ),
    ),
    hashed: Type.Optional(hashed),
    /** Fixed text that was hashed before and after it. */
    before: Type.Optional(Type.String()),
    after: Type.Optional(Type.String()),
    /** Where the salt of each row stood. */
    salt: Type.Optional(salt),
    locator: Type.Optional(Locator),
    /** Sealed at rest, and shown to nobody. */
    pepper: Type.Optional(
      Type.Union([
        Type.Object({ secret: Type.String(), as: Type.Enum(['key', 'before', 'after']) }, closed),
        Type.Null(),
      ]),
    ),
  },
  closed,
);
export type NewImportRecipe = Static<typeof NewImportRecipe>;

export const ImportRecipe = Type.Object({
  id: Type.String(),
  name: Type.String(),
  algorithm,
  encoding,
  shape: SecretShape,
  hashed,
  before: Type.String(),
  after: Type.String(),
  salt,
  locator: Locator,
  /** Where the pepper stands. */
  pepper: Type.Enum(['none', 'key', 'before', 'after']),
  createdAt: Time,
  createdBy: Type.String(),
});
export type ImportRecipe = Static<typeof ImportRecipe>;

export const ImportRecipeList = listOf(ImportRecipe);
export type ImportRecipeList = Static<typeof ImportRecipeList>;

/** What tokens may do, from where and how long: of all rows that do not say themselves. */
const terms = {
  owner: Type.Optional(OwnerId),
  permissions: Type.Optional(Patterns),
  use: Type.Optional(use),
  expiresAt: Type.Optional(TimeOrNull),
  addresses: Type.Optional(Addresses),
  apis: Type.Optional(Apis),
  limits: Type.Optional(Limits),
};

/** Where a row stands in its file, from 1 on. */
const line = Type.Integer({ minimum: 1 });

export const ImportedTokenRow = Type.Object(
  {
    line,
    /** Unique in the organization; left out, one is made of the digest. */
    name: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    /** With the algorithm `raw`: the secret itself, or its SHA-256 in hex as `hash`. */
    secret: Type.Optional(Type.String({ maxLength: 2048 })),
    hash: Type.Optional(Type.String({ maxLength: 2048 })),
    salt: Type.Optional(Type.String({ maxLength: 256 })),
    /** The part of the secret that the recipe's locator takes. */
    locator: Type.Optional(Type.String({ maxLength: 256 })),
    externalId: Type.Optional(ExternalId),
    metadata: Type.Optional(Metadata),
    ...terms,
  },
  closed,
);
export type ImportedTokenRow = Static<typeof ImportedTokenRow>;

/** `POST /v1/imports/tokens`. Sending rows again is safe: those that are there already are counted as such. */
export const TokenImport = Type.Object(
  {
    /** What the journal calls all batches of a file. */
    import: Type.String({ minLength: 1, maxLength: 128 }),
    /** The recipe's name or id; for a dry run also a recipe that is not made yet. */
    recipe: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), NewImportRecipe]),
    defaults: Type.Optional(Type.Object(terms, closed)),
    rows: Type.Array(ImportedTokenRow, { minItems: 1, maxItems: 1000 }),
    /** Says what would be done, and changes nothing. */
    dryRun: Type.Optional(Type.Boolean()),
    /** Secrets that prove the recipe. */
    samples: Type.Optional(Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 20 })),
  },
  closed,
);
export type TokenImport = Static<typeof TokenImport>;

const counted = {
  added: Type.Integer(),
  /** There already, as the same of this organization. */
  present: Type.Integer(),
  rejected: Type.Array(
    Type.Object({
      line: Type.Integer(),
      reason: Type.Enum(['invalid', 'conflict', 'forbidden']),
      detail: Type.String(),
    }),
  ),
};

export const TokenImportOutcome = Type.Object({
  ...counted,
  /** Of each sample: whether it has the recipe's shape, and the line of the row that it is of. */
  samples: Type.Array(Type.Object({ hasShape: Type.Boolean(), line: Type.Union([Type.Integer(), Type.Null()]) })),
});
export type TokenImportOutcome = Static<typeof TokenImportOutcome>;

export const ImportedUserRow = Type.Object(
  {
    line,
    /** An e-mail address or a user name. */
    username: Type.String({ maxLength: 320 }),
    /** What people call it; the username if left out. */
    name: Type.Optional(Type.String()),
    role: Type.String({ minLength: 1, maxLength: 64 }),
    /** By bcrypt, Argon2id or PBKDF2, as `$2b$…`, `$argon2id$…`, `$pbkdf2-sha256$…` or `pbkdf2_sha256$…`. */
    passwordHash: Type.String({ maxLength: 2048 }),
  },
  closed,
);
export type ImportedUserRow = Static<typeof ImportedUserRow>;

export const ImportedApiUserRow = Type.Object(
  {
    line,
    /** What it was called in the other system: 1 to 256 printable characters of ASCII, in whichever case. */
    username: Type.String({ maxLength: 2048 }),
    /** What people call it; the username if left out. */
    name: Type.Optional(Type.String()),
    role: Type.String({ minLength: 1, maxLength: 64 }),
    /** As of a user. */
    passwordHash: Type.String({ maxLength: 2048 }),
    externalId: Type.Optional(ExternalId),
    metadata: Type.Optional(Metadata),
  },
  closed,
);
export type ImportedApiUserRow = Static<typeof ImportedApiUserRow>;

/** `POST /v1/imports/api-users`. An API user that is there already stays as it is. */
export const ApiUserImport = Type.Object(
  {
    rows: Type.Array(ImportedApiUserRow, { minItems: 1, maxItems: 1000 }),
    dryRun: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type ApiUserImport = Static<typeof ApiUserImport>;

export const ApiUserImportOutcome = Type.Object(counted);
export type ApiUserImportOutcome = Static<typeof ApiUserImportOutcome>;

/** `POST /v1/imports/users`. A user that is there already stays as it is. */
export const UserImport = Type.Object(
  {
    rows: Type.Array(ImportedUserRow, { minItems: 1, maxItems: 1000 }),
    dryRun: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type UserImport = Static<typeof UserImport>;

export const UserImportOutcome = Type.Object(counted);
export type UserImportOutcome = Static<typeof UserImportOutcome>;
