// A request as the server received it, for who looks for a proxy that tells too little or too much.

import { type Static, Type } from 'typebox';

/** What is optional is told to the organization that operates the server alone. */
export const Connection = Type.Object({
  /** The client's address, as far as proxies are trusted to say; empty if the connection is gone. */
  address: Type.String(),
  /** It came over HTTPS, here or at a trusted proxy. */
  secure: Type.Boolean(),
  /** The host that was asked for. */
  host: Type.Union([Type.String(), Type.Null()]),
  /** The server's clock, RFC 3339. */
  time: Type.String(),
  /** What is at the other end of the connection: the client, or the last proxy. */
  peer: Type.Optional(Type.String()),
  /** `trustedProxies` names the peer. */
  peerIsTrusted: Type.Optional(Type.Boolean()),
  /** The headers of proxies as they came, believed or not; null for one that did not come. */
  headers: Type.Optional(
    Type.Object({
      forwarded: Type.Union([Type.String(), Type.Null()]),
      'x-forwarded-for': Type.Union([Type.String(), Type.Null()]),
      'x-forwarded-proto': Type.Union([Type.String(), Type.Null()]),
      'x-forwarded-host': Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});
export type Connection = Static<typeof Connection>;
