// External ids and metadata as columns, the same in every table that has them.

import { type RawBuilder, sql } from 'kysely';
import type { ExternalRecord } from '../core/external-record.ts';
import type { ExternalFilter } from '../core/identity/ports.ts';

export interface ExternalColumns {
  external_id: string | null;
  /** JSON. */
  metadata: string | null;
}

export function toExternal({ external_id: externalId, metadata }: ExternalColumns): ExternalRecord {
  return { externalId, metadata: metadata === null ? null : JSON.parse(metadata) };
}

export function fromExternal({ externalId, metadata }: ExternalRecord): ExternalColumns {
  return { external_id: externalId, metadata: metadata && JSON.stringify(metadata) };
}

/** The columns of a change; what is not given is undefined. */
export function externalChange({ externalId, metadata }: Partial<ExternalRecord>) {
  return { external_id: externalId, metadata: metadata && JSON.stringify(metadata) };
}

/** What narrows a list to those with this external id. */
export function externalIs({ externalId }: ExternalFilter): RawBuilder<boolean>[] {
  return externalId === undefined ? [] : [sql<boolean>`external_id = ${externalId}`];
}
