// Ending what an application was given: its sessions, with their access tokens and refresh tokens, and its codes. It is told
// in the journal of each organization whose people it acted for, since that is what their verifiers follow.

import { type Caller, systemIn } from '../../caller/caller.ts';
import { entryOf, type NewJournalEntry } from '../../journal/entry.ts';
import type { Changes } from '../ports.ts';
import type { ApplicationSession } from './records.ts';

/** Within the change that gives the reason. */
export async function endAccessOf(
  changes: Changes<'applicationSessions' | 'authorizationCodes' | 'deviceCodes'>,
  caller: Caller,
  at: number,
  applicationId: string,
): Promise<void> {
  await changes.authorizationCodes.deleteOf(applicationId);
  await changes.deviceCodes.deleteOf(applicationId);
  const subject = { type: 'application', id: applicationId };
  for (const organizationId of await changes.applicationSessions.endOf({ applicationId })) {
    changes.journal(entryOf(caller, at, 'application.access_ended', subject, {}, organizationId));
  }
}

/** As many sessions of one authorization go on beside a new one: more of them nobody looks through. */
const mostBeside = 9;

/** Ends those that were used last the longest ago, before another one begins. */
export async function makeRoom(
  changes: Changes<'applicationSessions'>,
  of: Pick<ApplicationSession, 'authorizationId' | 'organizationId' | 'applicationId'>,
  at: number,
): Promise<void> {
  const { organizationId, authorizationId } = of;
  for (const sessionId of await changes.applicationSessions.endUnused(organizationId, authorizationId, mostBeside)) {
    changes.journal(sessionEnded({ ...of, sessionId }, at, 'too_many_sessions'));
  }
}

/** What the journal is told when the server ends a session itself. */
export function sessionEnded(
  of: Pick<ApplicationSession, 'organizationId' | 'applicationId' | 'sessionId'>,
  at: number,
  reason: string,
): NewJournalEntry {
  const machine = systemIn({ id: of.organizationId, name: '' });
  const detail = { application: of.applicationId, reason };
  return entryOf(machine, at, 'session.ended', { type: 'session', id: of.sessionId }, detail);
}
