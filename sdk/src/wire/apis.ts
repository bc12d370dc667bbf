// APIs: what is guarded. They are the operator's and the same for every organization.

import { type Static, Type } from 'typebox';
import { change, closed, listOf, SigningAlgorithm, Time } from './parts.ts';

/** `identifier` is an absolute URI, the audience; `handle` is what routes and requests name it by, and stays. */
export const Api = Type.Object({
  handle: Type.String(),
  name: Type.String(),
  identifier: Type.String(),
  description: Type.String(),
  signingAlgorithm: SigningAlgorithm,
  createdAt: Time,
});
export type Api = Static<typeof Api>;

export const ApiList = listOf(Api);
export type ApiList = Static<typeof ApiList>;

/** `handle` is `a-z 0-9 _ -`, 1 to 64 characters. Without `identifier` it gets one beneath the server's address. */
export const NewApi = Type.Object(
  {
    handle: Type.String(),
    name: Type.String(),
    identifier: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    /** ES256 unless said otherwise. */
    signingAlgorithm: Type.Optional(SigningAlgorithm),
  },
  closed,
);
export type NewApi = Static<typeof NewApi>;

/** `identifier: null` goes back to the one that it has by itself. */
export const ApiChange = Type.Object(
  {
    name: Type.Optional(Type.String()),
    identifier: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    description: Type.Optional(Type.String()),
    signingAlgorithm: Type.Optional(SigningAlgorithm),
  },
  change,
);
export type ApiChange = Static<typeof ApiChange>;
