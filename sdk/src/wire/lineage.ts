// What a credential made, itself or through what it made, and the acts that end it, which may end all of that too.

import { type Static, Type } from 'typebox';
import { ReceiptQuery } from './feed.ts';
import { closed } from './parts.ts';

export const Descendant = Type.Object({
  type: Type.Enum(['user', 'api_user', 'api_token']),
  id: Type.String(),
  /** Where it was made, if that is another organization than the root's: its maker acted for it. */
  organization: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
  /** An e-mail, a username, a token's name. */
  name: Type.String(),
  /** Its own: `inactive` is deactivated, `expired` past its end. What its owner's end does to it is not told here. */
  state: Type.Enum(['active', 'inactive', 'expired']),
  /** The root's id, or that of another descendant. */
  createdBy: Type.String(),
});
export type Descendant = Static<typeof Descendant>;

/**
 * Those that are not deleted: the oldest hundred, those of the root's organization first, and how many there are. Those at
 * customers are counted, and shown to holders of `act:organization` in the operator's organization.
 */
export const Descendants = Type.Object({ items: Type.Array(Descendant), total: Type.Integer() });
export type Descendants = Static<typeof Descendants>;

/** `descendants=true` ends what it made too. */
export const EndingQuery = Type.Object(
  { ...ReceiptQuery.properties, descendants: Type.Optional(Type.Enum(['true', 'false'])) },
  closed,
);
export type EndingQuery = Static<typeof EndingQuery>;
