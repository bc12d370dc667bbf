// Whether an application is let in: deactivating and deleting it end all that it was given, everywhere and at once.

import { type Caller, demand } from '../../caller/caller.ts';
import { demandReleased } from '../../caller/credential-lifecycle.ts';
import { writeAs } from '../../caller/write-as.ts';
import { notFound } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Changing } from '../ports.ts';
import { manageable, subjectOf } from './application.ts';
import { endAccessOf } from './end-access.ts';

type Ports = Changing<'applications' | 'authorizations' | 'applicationSessions' | 'authorizationCodes' | 'deviceCodes'>;

/** What people have allowed is kept, for when it is activated. Harmless when repeated. Needs `update:application`. */
export async function deactivateApplication(ports: Ports, caller: Caller, id: string): Promise<void> {
  demand(caller, 'update:application');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const application = await changes.applications.find(caller.organization.id, id);
    if (application === null || application.lifecycle.deletedAt !== null) throw notFound('application');
    if (!(await changes.applications.deactivate(caller.organization.id, id, at))) return;
    changes.journal(entryOf(caller, at, 'application.deactivated', subjectOf(id)));
    await endAccessOf(changes, caller, at, id);
  });
}

/** Needs `update:application` and all that it may ask for. */
export async function activateApplication(ports: Ports, caller: Caller, id: string): Promise<void> {
  demand(caller, 'update:application');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    demandReleased((await manageable(changes, caller, id)).lifecycle);
    if (!(await changes.applications.activate(caller.organization.id, id))) return;
    changes.journal(entryOf(caller, at, 'application.activated', subjectOf(id)));
  });
}

/** For good, with what people have allowed it. Harmless when repeated. Needs `delete:application`. */
export async function deleteApplication(ports: Ports, caller: Caller, id: string): Promise<void> {
  demand(caller, 'delete:application');
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    if ((await changes.applications.find(caller.organization.id, id)) === null) throw notFound('application');
    if (!(await changes.applications.delete(caller.organization.id, id, at))) return;
    changes.journal(entryOf(caller, at, 'application.deleted', subjectOf(id)));
    await endAccessOf(changes, caller, at, id);
    await changes.authorizations.deleteOf(id);
  });
}
