// What tokens need of the world: where signing keys and the records of issued tokens are kept.

import type { IssuedToken, SigningKey } from './records.ts';

export interface SigningKeyReads {
  /** Every key that may still sign or verify, and revoked ones; oldest first. */
  list(): Promise<SigningKey[]>;
}

export interface SigningKeyChanges extends SigningKeyReads {
  /** Nobody else changes any of them until the commit. */
  list(): Promise<SigningKey[]>;
  insert(key: SigningKey): Promise<void>;
  /** Stops signing at `at` and verifying at `until`. True for one of many racing callers. */
  retire(kid: string, at: number, until: number): Promise<boolean>;
  revoke(kid: string, at: number): Promise<boolean>;
}

export interface IssuedTokenChanges {
  insert(token: IssuedToken): Promise<void>;
  delete(jtis: readonly string[]): Promise<number>;
  /** At most `limit` rows whose `expiresAt` is before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}
