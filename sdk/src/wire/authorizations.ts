// What people let applications do: the question, the answer, and what was allowed.

import { type Static, Type } from 'typebox';
import { closed, Held, listOf, Time, TimeOrNull } from './parts.ts';

const Named = Type.Object({ id: Type.String(), name: Type.String() });

const ApplicationShown = Type.Object({
  id: Type.String(),
  /** Where it describes itself; null for one that was registered. */
  metadataUrl: Type.Union([Type.String(), Type.Null()]),
  /** As whoever registered it calls it, or as it calls itself. */
  name: Type.String(),
  logoUrl: Type.Union([Type.String(), Type.Null()]),
  /** Whose it is. */
  organization: Named,
});

/** What an application asks for, as the portal's page was handed it. */
const request = Type.String({ maxLength: 8192 });

export const ConsentQuestion = Type.Object({ request }, closed);
export type ConsentQuestion = Static<typeof ConsentQuestion>;

export const Consent = Type.Object({
  application: ApplicationShown,
  api: Type.Object({ handle: Type.String(), name: Type.String() }),
  /** What it would be given: of what it asks for, what the user may do. */
  permissions: Type.Array(
    Type.Object({
      name: Type.String(),
      /** In the words of its API; null of a pattern. */
      description: Type.Union([Type.String(), Type.Null()]),
      /** The user has not allowed it yet. */
      isNew: Type.Boolean(),
    }),
  ),
  /** Where the answer goes: a host, or a scheme of the application's own. */
  host: Type.String(),
  /**
   * Even what was allowed before is confirmed: any program could receive the answer there, or the application describes
   * itself.
   */
  asksAlways: Type.Boolean(),
});
export type Consent = Static<typeof Consent>;

/** Of what has come to be asked for since it was shown, nothing is allowed. */
export const ConsentAnswer = Type.Object(
  {
    request,
    allow: Type.Boolean(),
    /** With `allow`: the names of the permissions that were shown. */
    permissions: Type.Optional(Type.Array(Type.String({ maxLength: 129 }), { maxItems: 2000 })),
  },
  closed,
);
export type ConsentAnswer = Static<typeof ConsentAnswer>;

/** Where the browser goes next, with the answer for the application. */
export const ConsentOutcome = Type.Object({ redirectTo: Type.String() });
export type ConsentOutcome = Static<typeof ConsentOutcome>;

/** One application on one API, for one user. */
export const Authorization = Type.Object({
  id: Type.String(),
  user: Type.Object({ id: Type.String(), email: Type.String() }),
  application: ApplicationShown,
  /** The handle. */
  api: Type.String(),
  scope: Held,
  createdAt: Time,
  /** When it was allowed more. */
  changedAt: Time,
  /** The last time that the application got an access token. */
  lastUsedAt: TimeOrNull,
});
export type Authorization = Static<typeof Authorization>;

export const AuthorizationList = listOf(Authorization);
export type AuthorizationList = Static<typeof AuthorizationList>;

/** Narrowed to one user or application, by their ids. */
export const AuthorizationListQuery = Type.Object(
  {
    /** 1 to 200; 50 unless said otherwise. */
    limit: Type.Optional(Type.String()),
    /** The `next` of the page before. */
    cursor: Type.Optional(Type.String()),
    user: Type.Optional(Type.String({ maxLength: 64 })),
    application: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);
export type AuthorizationListQuery = Static<typeof AuthorizationListQuery>;
