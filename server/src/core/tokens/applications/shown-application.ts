// Applications as they are shown to who manages them: with how many people let them act, when they last did, and who made
// them. It changes nothing.

import { type Caller, demand } from '../../caller/caller.ts';
import type { Page, PageRequest } from '../../page.ts';
import type { Reading } from '../ports.ts';
import { demandThere } from './application.ts';
import type { ApplicationUse } from './ports.ts';
import type { Application } from './records.ts';

export interface ShownApplication extends Application, ApplicationUse {
  /** What the user, API user or API token of the organization that made it is called; null for anybody else. */
  makerName: string | null;
}

type Ports = Reading<'applications' | 'authorizations' | 'names'>;

/** Needs `read:application`. */
export async function readApplication(ports: Ports, caller: Caller, id: string): Promise<ShownApplication> {
  demand(caller, 'read:application');
  const application = demandThere(await ports.store.applications.find(caller.organization.id, id));
  const [shown] = await withUse(ports, caller, [application]);
  return demandThere(shown ?? null);
}

/** Needs `read:application`. */
export async function listApplications(
  ports: Ports,
  caller: Caller,
  request: PageRequest,
): Promise<Page<ShownApplication>> {
  demand(caller, 'read:application');
  const page = await ports.store.applications.list(caller.organization.id, request);
  return { ...page, items: await withUse(ports, caller, page.items) };
}

async function withUse(
  { store }: Ports,
  { organization }: Caller,
  applications: readonly Application[],
): Promise<ShownApplication[]> {
  const ids = applications.map(({ id }) => id);
  const makers = [...new Set(applications.flatMap(({ createdBy }) => createdBy ?? []))];
  const things = makerTypes.flatMap((type) => makers.map((id) => ({ type, id })));
  const [uses, names] = await Promise.all([
    store.authorizations.usesOf(organization.id, ids),
    store.names.of(organization.id, things),
  ]);
  const nameOf = (id: string | null) => makerTypes.map((type) => names.get(`${type}:${id}`)).find(Boolean) ?? null;
  return applications.map((application) => ({
    ...application,
    ...(uses.get(application.id) ?? unused),
    makerName: nameOf(application.createdBy),
  }));
}

const makerTypes = ['user', 'api_user', 'api_token'] as const;
const unused: ApplicationUse = { people: 0, lastUsedAt: null };
