// The server's settings, as far as core goes by them or shows them. They are read and checked elsewhere.

/** The forms in which a credential may be presented on a call; each enabled dialect brings its own. */
export const credentialForms = ['api_token', 'sealed', 'jwt:oauth', 'jwt:debricked', 'jwt:parsers'] as const;

export type CredentialForm = (typeof credentialForms)[number];

/** A path that the configuration guards, as far as core must know of it. */
export interface GuardedPath {
  path: string;
  /** The handle of its API. */
  api: string;
  permissions: readonly string[];
  /** Until then they are only observed; milliseconds since the epoch. */
  observedUntil?: number;
}

export interface Settings {
  /** The server's public address, without a trailing slash: the issuer and audience of its tokens. */
  issuer: string;
  /** API users are named `<uuid>@api.<apiUserDomain>`. */
  apiUserDomain: string;
  /** What the configuration guards. */
  guarded: readonly GuardedPath[];
  /** What new API tokens begin with. */
  tokenPrefix: string;
  /** The id of the plan of new organizations. */
  defaultPlan: string;
  /** What is only shown. */
  facts: ServerFacts;
  /** The credential forms that the enabled dialects bring. */
  accepts: ReadonlySet<CredentialForm>;
  /** How long a session lasts without being used, and at most. */
  sessionIdleMs: number;
  sessionMs: number;
}

/** How this server was told to work, beyond what core itself goes by. */
export interface ServerFacts {
  version: string;
  /** Which dialects are on. */
  dialects: Readonly<Record<string, boolean>>;
  database: 'sqlite' | 'postgresql';
  signInFailures: number;
  /** The file that says so. */
  whereToChange: string;
}

/** The ports of what goes by these. */
export interface Setting<Name extends keyof Settings> {
  settings: Pick<Settings, Name>;
}
