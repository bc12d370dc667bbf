// What the description of the API says of an endpoint beside the schemas that validate its requests: its name, who may call
// it, how it fails, and an example. It decides nothing: tests hold it against what the endpoints really do.

import type { TObject, TSchema } from 'typebox';
import type { ErrorCode } from '../core/errors.ts';

export interface Operation {
  /** What a generated client calls it: camelCase, unique on the server. */
  id: string;
  /** In a few words. */
  summary: string;
  /** What the summary leaves open. */
  description?: string;
  /** How callers say who they are; `caller` unless said otherwise. */
  credential?: CredentialUse;
  /** One of these is needed; none: whoever is known may. */
  permissions?: readonly string[];
  /** How it fails beside the ways in which every request can, and every one with such a credential and path. */
  fails?: readonly ErrorCode[];
  /** What its route has no schema of: bodies by status and media type, null for none. */
  answers?: Readonly<Record<number, Readonly<Record<string, TSchema>> | null>>;
  /** Where its route reads the query by itself. */
  query?: TObject;
  /** Request headers that it reads, by their names in lower case. */
  headers?: TObject;
  /** A body that it takes. Texts in `samples` stand for what a client has of its own. */
  body?: unknown;
  /** What the example needs that a new client cannot have at hand; without that it is refused. */
  needs?: string;
  /** Its answer has no end: it is an event stream. */
  streams?: true;
  /** It ends what it is called with, so that nothing can follow it. */
  isLast?: true;
}

/**
 * `none`: no credential, or one in the body that is an argument like any other. `caller`: a bearer, or in the native dialect
 * a session. `person`: the same, of somebody who signed in. `bearer`: a bearer alone. `basic`: HTTP Basic. `client`:
 * HTTP Basic or in the body. `call`: every way in which a guarded call may bring one. `operator`: a bearer, unless the server is open to everyone.
 */
export type CredentialUse = 'none' | 'caller' | 'person' | 'bearer' | 'basic' | 'client' | 'call' | 'operator';

/** Endpoints by `METHOD /path`, as their routes are registered. */
export type Operations = Readonly<Record<string, Operation>>;

/** What the description says of a language. */
export interface Reference {
  /** One sentence. */
  about: string;
  operations: Operations;
  /** The body of whatever is refused. */
  error: TSchema;
  /** What schemas are called that stand in several places. */
  schemas?: Readonly<Record<string, TSchema>>;
  /** Whether a POST to this path makes one thing for each `Idempotency-Key`. */
  takesIdempotencyKey?(path: string): boolean;
}

/** Stand in examples for what every client has of its own, by the name of the variable that a Postman collection has for it. */
export const samples = {
  email: 'owner@example.com',
  password: 'a few words in a row',
  apiToken: 'kw_EXAMPLEEXAMPLEEXAMPLE_not-a-real-token',
  apiUserUsername: 'k3v9x2m4@api.keyward.local',
  apiUserPassword: 'the-48-characters-that-were-shown-once',
  tokenId: '384dc16a-5f0e-4c79-9a3e-2f6c1f7b8d10',
  keyName: 'pipeline',
  number: 123_456_789,
  userId: '5b1f0a2e-7c3d-4e8f-9a6b-1c2d3e4f5a6b',
} as const;
