// Usage: how many calls were checked, by time and by what the question is. What was seen in the last seconds may be missing.

import { type Static, Type } from 'typebox';
import { closed, listOf, Time } from './parts.ts';

/** The last day by hours, the last 30 days by days or in total, unless said otherwise. Counts are kept for 90 days. */
export const UsageQuery = Type.Object(
  {
    from: Type.Optional(Time),
    until: Type.Optional(Time),
    /** Only this credential's, as `api_token:<id>`, `api_user:<id>` or `user:<id>`. */
    source: Type.Optional(Type.String({ maxLength: 80 })),
    /** Hours and days are UTC's. `total`, the most calls first, unless said otherwise `hour`. */
    group: Type.Optional(Type.Enum(['hour', 'day', 'total'])),
    /** `verdict` unless said otherwise; `organization` is over all of them, for who may see the customers. */
    by: Type.Optional(Type.Enum(['verdict', 'source', 'rule', 'organization'])),
    /** Only calls that were let in, or those that were over a limit. */
    verdict: Type.Optional(Type.Enum(['allowed', 'rate_limited'])),
  },
  closed,
);
export type UsageQuery = Static<typeof UsageQuery>;

const source = Type.Object({
  type: Type.Enum(['user', 'api_user', 'api_token']),
  id: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
});

export const UsageRow = Type.Object({
  /** When the hour or day begins; in total, `from`. */
  at: Time,
  /** `allowed`, `rate_limited`, or why it was refused. */
  verdict: Type.Optional(Type.String()),
  source: Type.Optional(source),
  /** The guarded path; empty where nobody named one; `exchange` where an access token was made. */
  rule: Type.Optional(Type.String()),
  organization: Type.Optional(Type.Object({ id: Type.String(), name: Type.Union([Type.String(), Type.Null()]) })),
  calls: Type.Integer(),
});
export type UsageRow = Static<typeof UsageRow>;

/** At most 5,000 rows: in total the largest, otherwise more of them are refused. */
export const UsageList = listOf(UsageRow);
export type UsageList = Static<typeof UsageList>;
