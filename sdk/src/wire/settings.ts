// Settings: how this server was told to work. They are read here and changed in its file.

import { type Static, Type } from 'typebox';

/** What is optional is told to the organization that operates the server alone. */
export const ServerSettings = Type.Object({
  url: Type.String(),
  /** Which wire languages are on. */
  dialects: Type.Record(Type.String(), Type.Boolean()),
  version: Type.Optional(Type.String()),
  database: Type.Optional(Type.Enum(['sqlite', 'postgresql'])),
  /** How often one name may fail to sign in from one address in a minute. */
  signInFailures: Type.Optional(Type.Integer()),
  sessionIdleMinutes: Type.Optional(Type.Integer()),
  sessionHours: Type.Optional(Type.Integer()),
  /** What new API tokens begin with. */
  tokenPrefix: Type.Optional(Type.String()),
  /** The id of the plan of new organizations. */
  defaultPlan: Type.Optional(Type.String()),
  /** The file that says so. */
  whereToChange: Type.Optional(Type.String()),
});
export type ServerSettings = Static<typeof ServerSettings>;
