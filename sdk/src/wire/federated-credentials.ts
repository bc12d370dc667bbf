// Federated credentials: which outside tokens are taken in place of an API user's password.

import { type Static, Type } from 'typebox';
import { change, closed, JwkSetOrNull, listOf, TextOrNull, Time } from './parts.ts';

/** By name of a claim what it must be: a text in which `*` stands for any characters, or none. */
export const Conditions = Type.Record(Type.String(), Type.String());

export const FederatedCredential = Type.Object({
  id: Type.String(),
  /** The id of the API user that it is of. */
  apiUser: Type.String(),
  name: Type.String(),
  /** Null for tokens that the client signs itself. */
  issuer: TextOrNull,
  /** Null with a null `issuer`: those tokens are for this server. */
  audience: TextOrNull,
  conditions: Conditions,
  jwksUri: TextOrNull,
  /** In place of what the issuer publishes. */
  jwks: JwkSetOrNull,
  createdAt: Time,
  /** The id of who made it. */
  createdBy: Type.String(),
});
export type FederatedCredential = Static<typeof FederatedCredential>;

export const FederatedCredentialList = listOf(FederatedCredential);
export type FederatedCredentialList = Static<typeof FederatedCredentialList>;

export const NewFederatedCredential = Type.Object(
  {
    name: Type.String(),
    issuer: TextOrNull,
    /** The address of this server unless said otherwise. */
    audience: Type.Optional(TextOrNull),
    conditions: Type.Optional(Conditions),
    jwksUri: Type.Optional(TextOrNull),
    jwks: Type.Optional(JwkSetOrNull),
  },
  closed,
);
export type NewFederatedCredential = Static<typeof NewFederatedCredential>;

/** The issuer stays: another one is another federated credential. */
export const FederatedCredentialChange = Type.Partial(
  Type.Object({
    name: Type.String(),
    audience: TextOrNull,
    conditions: Conditions,
    jwksUri: TextOrNull,
    jwks: JwkSetOrNull,
  }),
  change,
);
export type FederatedCredentialChange = Static<typeof FederatedCredentialChange>;
