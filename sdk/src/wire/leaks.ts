// Reports of API tokens that were found where they should not be, and what became of them.

import { type Static, Type } from 'typebox';
import { closed, TimeOrNull } from './parts.ts';

/** With a credential or without one: whoever has a token may show it. */
export const LeakReport = Type.Object(
  {
    /** Whole, as they were found. */
    tokens: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: 100 }),
    /** Where: an address or a path. What follows a `?` or `#` is not kept. */
    url: Type.Optional(Type.String({ maxLength: 2048 })),
    /** What kind of place, such as `ci` or `chat`. */
    source: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
);
export type LeakReport = Static<typeof LeakReport>;

export const ReportedToken = Type.Object({
  /**
   * `ended` now, `shortened` so that it ends at `endsAt`, only `reported`, as its organization wishes; `not_in_force` if it was
   * never made here, or had ended.
   */
  result: Type.Enum(['ended', 'shortened', 'reported', 'not_in_force']),
  endsAt: TimeOrNull,
  /** Whose it is, where the caller may see it. */
  token: Type.Union([
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      organization: Type.Object({ id: Type.String(), name: Type.String() }),
      owner: Type.Object({ type: Type.Enum(['user', 'api_user']), id: Type.String(), name: Type.String() }),
    }),
    Type.Null(),
  ]),
});
export type ReportedToken = Static<typeof ReportedToken>;

/** In the order in which they were sent. */
export const LeakOutcome = Type.Object({ items: Type.Array(ReportedToken) });
export type LeakOutcome = Static<typeof LeakOutcome>;
