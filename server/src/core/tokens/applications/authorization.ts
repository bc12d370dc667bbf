// What people let applications do, for themselves and for who manages their organization: seen, and ended, which ends all
// that came of it.

import { type Caller, demand, isSelf } from '../../caller/caller.ts';
import { writeAs } from '../../caller/write-as.ts';
import { KeywardError, notFound } from '../../errors.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Page, PageRequest } from '../../page.ts';
import type { Changing, Reading } from '../ports.ts';
import type { ShownAuthorization } from './ports.ts';

type EndingPorts = Changing<'authorizations' | 'applicationSessions'>;

const mostOwn = 200;

/** The caller's own. Users only, and no application that acts for one. */
export async function listOwnAuthorizations(
  ports: Reading<'authorizations'>,
  caller: Caller,
): Promise<ShownAuthorization[]> {
  demandSelf(caller);
  const { organization, id: userId } = caller;
  return (await ports.store.authorizations.list(organization.id, { userId }, { limit: mostOwn })).items;
}

/** Needs `read:authorization`. */
export async function listAuthorizations(
  ports: Reading<'authorizations'>,
  caller: Caller,
  page: Pick<PageRequest, 'limit' | 'after'>,
  filter: { userId?: string; applicationId?: string } = {},
): Promise<Page<ShownAuthorization>> {
  demand(caller, 'read:authorization');
  return ports.store.authorizations.list(caller.organization.id, filter, page);
}

/** As listing one's own. */
export async function endOwnAuthorization(ports: EndingPorts, caller: Caller, id: string): Promise<void> {
  demandSelf(caller);
  await end(ports, caller, id, caller.id);
}

/** Needs `delete:authorization`. */
export async function endAuthorization(ports: EndingPorts, caller: Caller, id: string): Promise<void> {
  demand(caller, 'delete:authorization');
  await end(ports, caller, id);
}

async function end(ports: EndingPorts, caller: Caller, id: string, userId?: string): Promise<void> {
  const at = ports.clock();
  await writeAs(ports, caller, async (changes) => {
    const ended = await changes.authorizations.delete(caller.organization.id, id, userId);
    if (ended === null) throw notFound('authorization');
    await changes.applicationSessions.endOf({ authorizationId: id });
    const detail = { application: ended.applicationId, user: ended.userId, api: ended.api };
    changes.journal(entryOf(caller, at, 'authorization.ended', { type: 'authorization', id }, detail));
  });
}

function demandSelf(caller: Caller): void {
  if (isSelf(caller)) return;
  throw new KeywardError('forbidden', 'Only a signed-in user has let applications act for them.');
}
