// Applications that describe themselves (draft-ietf-oauth-client-id-metadata-document): of the operator's
// organization, within what the operator lets such clients ask for. One is kept from the first time on that somebody lets it act
// for them, so that it is listed, told in the journal and ended as any other; a mere request keeps nothing.

import { addressKey } from '@keyward/rules/address';
import { hasIdForm } from '@keyward/rules/organization-handle';
import { hasKeys } from '../../assertions/key-source.ts';
import type { Caller } from '../../caller/caller.ts';
import { newLifecycle } from '../../caller/lifecycle.ts';
import { entryOf } from '../../journal/entry.ts';
import type { ClientDocuments } from '../client-metadata/client-documents.ts';
import { idOfClient } from '../client-metadata/client-url.ts';
import type { Changes } from '../ports.ts';
import type { ApplicationReads, KnownApplication } from './ports.ts';
import { type Application, unregistered } from './records.ts';

/**
 * The application as it describes itself at `url`; null where that is not allowed, or says nothing good. `party`: the id of whoever is
 * asked, or the address of whoever asks.
 */
export async function describedApplication(
  applications: Pick<ApplicationReads, 'operator'>,
  documents: ClientDocuments,
  url: string,
  party: string,
): Promise<KnownApplication | null> {
  const metadata = await documents.read(url, partyOf(party));
  const organization = metadata === null ? null : await applications.operator();
  if (metadata === null || organization === null) return null;
  const { permissions } = documents.allowed;
  const said = { ...metadata, id: idOfClient(url), metadataUrl: url, permissions };
  const { jwksUri, jwks } = metadata;
  const type = hasKeys(metadata) ? 'confidential' : 'public';
  const application: Application = { ...unregistered(said, organization.id), type, jwksUri, jwks };
  return { application, secretDigest: null, organization };
}

/** On whose behalf something is read: whoever is asked, or the place that somebody asks from. */
export function partyOf(party: string): string {
  return hasIdForm(party) ? party : addressKey(party);
}

/** Keeps it as it is described now, for somebody who lets it act for them; of one that was registered nothing changes. */
export async function keepDescribed(
  changes: Changes<'applications'>,
  caller: Caller,
  at: number,
  { application }: KnownApplication,
): Promise<void> {
  const { id, metadataUrl, organizationId, name, redirectUris, grants, permissions, jwksUri, jwks } = application;
  if (metadataUrl === null) return;
  const before = (await changes.applications.findKnown(id))?.application;
  const isNew = before === undefined || before.lifecycle.deletedAt !== null;
  const said = { metadataUrl, name, redirectUris, grants, permissions };
  if (!isNew && isSaidOf(before, { ...said, type: application.type, jwksUri, jwks })) return;
  const made = isNew ? { createdAt: at, createdBy: caller.id, lifecycle: newLifecycle } : {};
  await changes.applications.describe({ ...application, ...made });
  const keys = { ...(jwksUri !== null && { jwksUri }), ...(jwks !== null && { keys: jwks.keys.length }) };
  const detail = { ...said, ...keys };
  const action = isNew ? 'application.created' : 'application.changed';
  changes.journal(entryOf(caller, at, action, { type: 'application', id }, detail, organizationId));
}

function isSaidOf(before: Application, said: Partial<Application>): boolean {
  const known = Object.entries(said).map(([name]) => before[name as keyof Application]);
  return JSON.stringify(known) === JSON.stringify(Object.values(said));
}
