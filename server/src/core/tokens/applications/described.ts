// Applications that describe themselves (draft-ietf-oauth-client-id-metadata-document): public ones of the operator's
// organization, within what the operator lets such clients ask for. One is kept from the first time on that somebody lets it act
// for them, so that it is listed, told in the journal and ended as any other; a mere request keeps nothing.

import { addressKey } from '@keyward/rules/address';
import { hasIdForm } from '@keyward/rules/organization-handle';
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
  const metadata = await documents.read(url, hasIdForm(party) ? party : addressKey(party));
  const organization = metadata === null ? null : await applications.operator();
  if (metadata === null || organization === null) return null;
  const { permissions } = documents.allowed;
  const said = { ...metadata, id: idOfClient(url), metadataUrl: url, permissions };
  const application = unregistered(said, organization.id);
  return { application, secretDigest: null, organization };
}

/** Keeps it as it is described now, for somebody who lets it act for them; of one that was registered nothing changes. */
export async function keepDescribed(
  changes: Changes<'applications'>,
  caller: Caller,
  at: number,
  { application }: KnownApplication,
): Promise<void> {
  const { id, metadataUrl, organizationId, name, redirectUris, grants, permissions } = application;
  if (metadataUrl === null) return;
  const before = (await changes.applications.findKnown(id))?.application;
  const isNew = before === undefined || before.lifecycle.deletedAt !== null;
  const detail = { metadataUrl, name, redirectUris, grants, permissions };
  if (!isNew && isSaidOf(before, detail)) return;
  const made = isNew ? { createdAt: at, createdBy: caller.id, lifecycle: newLifecycle } : {};
  await changes.applications.describe({ ...application, ...made });
  const action = isNew ? 'application.created' : 'application.changed';
  changes.journal(entryOf(caller, at, action, { type: 'application', id }, detail, organizationId));
}

function isSaidOf(before: Application, detail: Partial<Application>): boolean {
  const said = Object.entries(detail).map(([name]) => before[name as keyof Application]);
  return JSON.stringify(said) === JSON.stringify(Object.values(detail));
}
