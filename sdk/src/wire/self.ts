// The holder of a credential, about itself.

import { type Static, Type } from 'typebox';
import { closed, ExternalId, Held, TimeOrNull } from './parts.ts';

/** `name` is a user's e-mail, an API user's username or a token's name. */
export const Self = Type.Object({
  id: Type.String(),
  type: Type.Enum(['user', 'api_user', 'api_token']),
  name: Type.String(),
  externalId: ExternalId,
  organization: Type.Object({ id: Type.String(), name: Type.String(), externalId: ExternalId }),
  permissions: Held,
  /** Of a token that is bound to APIs: the handles of the only ones that it calls or verifies for. */
  apis: Type.Optional(Held),
  /** When the presented credential ends by itself. */
  expiresAt: TimeOrNull,
});
export type Self = Static<typeof Self>;

export const SelfChange = Type.Object({ name: Type.String() }, closed);
export type SelfChange = Static<typeof SelfChange>;

/** `next` has 15 to 1,024 characters. */
export const PasswordChange = Type.Object({ current: Type.String(), next: Type.String() }, closed);
export type PasswordChange = Static<typeof PasswordChange>;
