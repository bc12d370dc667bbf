// What the device grant needs of the world: where codes are kept, so that every node knows them and no restart forgets them.

import type { AllowedDevice, DeviceCode } from './records.ts';

export interface DeviceCodeReads {
  find(digest: string): Promise<DeviceCode | null>;
  findByUserCode(userCodeMac: string): Promise<DeviceCode | null>;
}

export interface DeviceCodeChanges {
  /** False where one of its two codes is taken. */
  insert(code: DeviceCode): Promise<boolean>;
  /** How many from this place were neither answered nor have ended by `now`. */
  waitingFrom(place: string, now: number): Promise<number>;
  /** Unless it was answered, or polled since `before`: true for one of many racing callers. */
  poll(digest: string, before: number, next: { at: number; intervalMs: number }): Promise<boolean>;
  /** Unless it was answered, or has ended by `at`: true for one of many racing callers. */
  answer(digest: string, at: number, allowed: AllowedDevice | null): Promise<boolean>;
  /** Uses it up. True for one of many racing callers. */
  take(digest: string, at: number): Promise<boolean>;
  /** Those of an application that were not used. */
  deleteOf(applicationId: string): Promise<void>;
  /** At most `limit` that ended before `before`; returns how many. */
  deleteExpired(before: number, limit: number): Promise<number>;
}
