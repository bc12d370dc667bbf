// What stands suspended since a backup was restored, and its release.

import { type Static, Type } from 'typebox';
import { closed } from './parts.ts';

/** How many of each. */
export const SuspendedCounts = Type.Object({
  organizations: Type.Integer(),
  users: Type.Integer(),
  apiUsers: Type.Integer(),
  apiTokens: Type.Integer(),
  applications: Type.Integer(),
});
export type SuspendedCounts = Static<typeof SuspendedCounts>;

const ids = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 500 }));

/** Everything, or all of one organization (its name or id), or what these lists name by its id. */
export const ReleaseRequest = Type.Object(
  {
    all: Type.Optional(Type.Literal(true)),
    organization: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    users: ids,
    apiUsers: ids,
    apiTokens: ids,
    applications: ids,
  },
  closed,
);
export type ReleaseRequest = Static<typeof ReleaseRequest>;

/** `left`: what still stands suspended. */
export const Released = Type.Object({ released: SuspendedCounts, left: SuspendedCounts });
export type Released = Static<typeof Released>;
