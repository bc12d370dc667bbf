// Lists: what may be asked of them.

import { type Static, Type } from 'typebox';
import { ActingQuery } from './acting.ts';
import { closed } from './parts.ts';

const pageQuery = {
  /** 1 to 200; 50 unless said otherwise. */
  limit: Type.Optional(Type.String()),
  /** The `next` of the page before, asked with the same `sort` and `order`. */
  cursor: Type.Optional(Type.String()),
  /** Matches anywhere in a name or description, in either case. */
  search: Type.Optional(Type.String({ maxLength: 200 })),
  /** `createdAt` unless said otherwise. */
  sort: Type.Optional(Type.Enum(['createdAt', 'name'])),
  /** By `createdAt` the newest come first, by `name` the first, unless said otherwise. */
  order: Type.Optional(Type.Enum(['asc', 'desc'])),
};

export const ListQuery = Type.Object(pageQuery, closed);
export type ListQuery = Static<typeof ListQuery>;

/** Those with exactly this external id: one or none. */
const externalId = Type.Optional(Type.String({ maxLength: 1024 }));
export const ExternalListQuery = Type.Object({ ...pageQuery, externalId }, closed);
export type ExternalListQuery = Static<typeof ExternalListQuery>;

/** `deleted=only` lists what could be restored. */
const deleted = Type.Optional(Type.Enum(['only']));
export const RestorableListQuery = Type.Object({ ...pageQuery, deleted, externalId }, closed);
export type RestorableListQuery = Static<typeof RestorableListQuery>;

/** One's own tokens unless said otherwise. */
const whose = Type.Optional(Type.Enum(['own', 'all']));
export const TokenListQuery = Type.Object(
  {
    ...pageQuery,
    /** A customer's id or name; `*` for those of all organizations, by `createdAt`. */
    organization: ActingQuery.properties.organization,
    /** By `expiresAt` the soonest come first, and those without an end last. */
    sort: Type.Optional(Type.Enum(['createdAt', 'name', 'expiresAt'])),
    deleted,
    externalId,
    whose,
    /** `inactive`: deactivated; `expired`: past its end; `active`: neither. */
    state: Type.Optional(Type.Enum(['active', 'inactive', 'expired'])),
    /** Made at least so many days ago, and not used since then or ever: 1 to 3650. */
    unusedDays: Type.Optional(Type.String()),
    /** Still good, but not for more than so many days: 1 to 3650. */
    expiringDays: Type.Optional(Type.String()),
    /** The id of a user or API user. */
    owner: Type.Optional(Type.String({ maxLength: 64 })),
    /** A permission or pattern that is in its list, as it is written there. */
    permission: Type.Optional(Type.String({ maxLength: 129 })),
  },
  closed,
);
export type TokenListQuery = Static<typeof TokenListQuery>;
