// Ending what an application was given: its sessions, with their access tokens and refresh tokens, and its codes. It is told
// in the journal of each organization whose people it acted for, since that is what their verifiers follow.

import type { Caller } from '../../caller/caller.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Changes } from '../ports.ts';

/** Within the change that gives the reason. */
export async function endAccessOf(
  changes: Changes<'applicationSessions' | 'authorizationCodes'>,
  caller: Caller,
  at: number,
  applicationId: string,
): Promise<void> {
  await changes.authorizationCodes.deleteOf(applicationId);
  const subject = { type: 'application', id: applicationId };
  for (const organizationId of await changes.applicationSessions.endOf({ applicationId })) {
    changes.journal(entryOf(caller, at, 'application.access_ended', subject, {}, organizationId));
  }
}
