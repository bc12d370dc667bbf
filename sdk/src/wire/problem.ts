// What is said when a request was not answered (RFC 9457), as application/problem+json.

import { type Static, Type } from 'typebox';
import { Lacking } from './parts.ts';
import { Holders } from './permissions.ts';

export const Problem = Type.Object({
  /** `<the server's address>/problems/<code>`, where a page says what to do: its last part is for programs. */
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  /** For people. */
  detail: Type.String(),
  /** What is wrong with the request: `at` is where, such as `/body/name`. */
  errors: Type.Optional(Type.Array(Type.Object({ at: Type.String(), message: Type.String() }))),
  /** With 429: the plans whose budget is spent (draft-ietf-httpapi-ratelimit-headers-11). */
  'violated-policies': Type.Optional(Type.Array(Type.String())),
  /** What the caller would have needed. */
  permissions: Type.Optional(Type.Array(Type.String())),
  /** With 403 on a call of a guarded API: what of these the credential lacks, and where. */
  lacking: Type.Optional(Lacking),
  /** With 409: who holds what was to be removed. */
  holders: Type.Optional(Holders),
});
export type Problem = Static<typeof Problem>;
