// Applications that nobody registers: programs of others that have the same id at everybody's server. They are the operator's,
// for people of all organizations, and kept like any other from when somebody first allows one something: from then on it can
// be seen, narrowed and switched off. A further one is another line here.

import { systemIn } from '../../caller/caller.ts';
import { entryOf } from '../../journal/entry.ts';
import type { Changes } from '../ports.ts';
import type { JwtProfile } from '../records.ts';
import type { ApplicationReads, KnownApplication } from './ports.ts';
import { type Application, unregistered } from './records.ts';

/** What is fixed of one; it is public. */
interface BuiltIn extends Pick<Application, 'id' | 'name' | 'redirectUris' | 'grants' | 'permissions'> {
  /** Of the access tokens that it gets: it is known only where these are made. */
  profile: JwtProfile;
  /** The permission that whoever allows it something must hold, and go on holding. */
  needs: string;
}

/** The command line of Debricked, as it is published: it waits for the answer at a port of the person's own machine. */
const debrickedCommandLine: BuiltIn = {
  id: '01919462-7d6e-78e8-aa24-ba779213c90f',
  name: 'Debricked CLI',
  redirectUris: ['http://localhost/callback', 'http://127.0.0.1/callback', 'http://[::1]/callback'],
  grants: ['authorization_code', 'refresh_token'],
  permissions: ['*:*'],
  profile: 'debricked',
  needs: 'access:api',
};

const all: ReadonlyMap<string, BuiltIn> = new Map([debrickedCommandLine].map((one) => [one.id, one]));

/** The profile of its access tokens. */
export function profileOf({ id }: Pick<Application, 'id'>): JwtProfile {
  return all.get(id)?.profile ?? 'oauth';
}

/** The permission without which nobody lets it act for them; null for none. */
export function neededBy({ id }: Pick<Application, 'id'>): string | null {
  return all.get(id)?.needs ?? null;
}

/** One that nobody has allowed anything yet; null for any other id, and before there is an operator. */
export async function builtInApplication(
  applications: Pick<ApplicationReads, 'operator'>,
  id: string,
): Promise<KnownApplication | null> {
  const builtIn = all.get(id);
  const organization = builtIn === undefined ? null : await applications.operator();
  if (builtIn === undefined || organization === null) return null;
  const application = unregistered({ ...builtIn, metadataUrl: null }, organization.id);
  return { application, secretDigest: null, organization };
}

/** Within the change in which somebody allows an application something, which must be kept by then. */
export async function keepBuiltIn(
  changes: Changes<'applications'>,
  { application, organization }: KnownApplication,
  at: number,
): Promise<void> {
  const { id, name } = application;
  if (!all.has(id) || !(await changes.applications.keep({ ...application, createdAt: at }))) return;
  const subject = { type: 'application', id };
  changes.journal(entryOf(systemIn(organization), at, 'application.created', subject, { name, builtIn: true }));
}
