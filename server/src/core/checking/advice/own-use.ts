// What callers of Keyward's own endpoints really needed of Keyward's own permissions, so that no advice takes it from them.

import type { Caller } from '../../caller/caller.ts';
import type { Clocked } from '../../clock.ts';
import type { ReachRecorder } from './recorder.ts';

/** `permissions`: any of which the endpoint asks for; what of it the caller holds counts as used. */
export function tellOwnUse(
  ports: { reaches: ReachRecorder } & Clocked,
  caller: Caller,
  permissions: readonly string[],
  address: string,
): void {
  const { type, id, actingFrom, organization, permissions: held } = caller;
  if (type === 'system' || type === 'user') return;
  const needed = actingFrom === undefined ? permissions : [...permissions, 'act:organization'];
  const call = { permissions: needed, match: 'any', address } as const;
  ports.reaches.saw({ type, id }, (actingFrom ?? organization).id, call, held, ports.clock());
}
