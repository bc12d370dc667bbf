// What the catalogue needs of the world: where APIs and their permissions are kept, and who holds them.

import type { Acting, PermissionReads } from '../caller/ports.ts';
import type { RegisteredPermission } from '../caller/records.ts';
import type { CredentialChanges, CredentialReads } from '../credentials/ports.ts';
import type { Journalled } from '../journal/ports.ts';
import type { Api, BoundToken, Entitling, PermissionHolder } from './records.ts';

export interface PermissionChanges extends PermissionReads {
  /** As `find`, before it is changed or removed: whoever was granted it is seen from then on, and nobody is until the commit. */
  claim(name: string): Promise<RegisteredPermission | null>;
  /** False if it is registered already, whichever API has it. */
  insert(permission: RegisteredPermission): Promise<boolean>;
  update(name: string, change: Partial<Pick<RegisteredPermission, 'description' | 'group'>>): Promise<boolean>;
  delete(name: string): Promise<boolean>;
}

export interface ApiReads {
  find(handle: string): Promise<Api | null>;
  list(): Promise<Api[]>;
}

export interface ApiChanges extends ApiReads {
  /** As `find`, before it is changed or removed: what was registered in it is seen from then on, and nothing is until the commit. */
  claim(handle: string): Promise<Api | null>;
  /** False if its handle or its identifier is taken. */
  insert(api: Api): Promise<boolean>;
  /** False if the identifier is taken or there is no such API. */
  update(
    handle: string,
    change: Partial<Pick<Api, 'name' | 'identifier' | 'description' | 'signingAlgorithm'>>,
  ): Promise<boolean>;
  delete(handle: string): Promise<boolean>;
}

/** What is looked for in the lists of permissions: one that they name, or any pattern. */
export type HolderNarrowing = { permission: string } | 'patterns';

/** Roles, API tokens and applications of all organizations, by what stands in their lists. */
export interface PermissionHolderReads {
  roles(narrow: HolderNarrowing): Promise<PermissionHolder[]>;
  /** In the order of their ids, above `after`, of one organization if it is named; deleted ones only if they are asked for. */
  apiTokens(
    narrow: HolderNarrowing,
    page: { after: string; limit: number; withDeleted?: boolean; organizationId?: string },
  ): Promise<PermissionHolder[]>;
  /** Those that are not deleted, as what may ask people for the permission by its name. */
  applications(permission: string): Promise<PermissionHolder[]>;
  /** Plans, and organizations, whose entitlement names the permission. */
  entitling(permission: string): Promise<Entitling[]>;
  /** How many API tokens that are not deleted. */
  countApiTokens(permission: string): Promise<number>;
}

/** Nobody else changes what is found until the commit. */
export interface PermissionHolderChanges extends PermissionHolderReads {
  /** Gives a role, an application or a token, deleted or not, another list. */
  keep(holder: PermissionHolder, permissions: readonly string[]): Promise<void>;
  entitle(one: Pick<Entitling, 'type' | 'id'>, entitlement: readonly string[]): Promise<void>;
  /**
   * Takes a permission out of what people let applications do, or takes away all that they let them do on an API, and ends the
   * codes and sessions that name it: at most `limit` of each; `isAll` if no more are left. Answers which applications lost
   * something, and of whose people.
   */
  withdrawAuthorized(
    of: { permission: string } | { api: string },
    at: number,
    limit: number,
  ): Promise<{ touched: { applicationId: string; organizationId: string }[]; isAll: boolean }>;
}

/** API tokens of all organizations that are bound to APIs. */
export interface BoundTokenReads {
  /** How many that are not deleted. */
  count(api: string): Promise<number>;
  /** In the order of their ids, above `after`, of one organization if it is named; deleted ones only if they are asked for. */
  list(
    api: string,
    page: { after: string; limit: number; withDeleted?: boolean; organizationId?: string },
  ): Promise<BoundToken[]>;
}

/** Nobody else changes what is listed until the commit. */
export interface BoundTokenChanges extends BoundTokenReads {
  /** Gives a token, deleted or not, another list. */
  bind(organizationId: string, id: string, apis: readonly string[]): Promise<void>;
}

/** What the store lets this part read, and those before it. */
export interface CatalogueReads extends CredentialReads {
  permissions: PermissionReads;
  apis: ApiReads;
  holders: PermissionHolderReads;
  bindings: BoundTokenReads;
}

/** What may be touched inside a change. */
export interface CatalogueChanges extends CredentialChanges {
  permissions: PermissionChanges;
  apis: ApiChanges;
  holders: PermissionHolderChanges;
  bindings: BoundTokenChanges;
}

/** The ports of what reads these. */
export interface Reading<Noun extends keyof CatalogueReads> {
  store: Pick<CatalogueReads, Noun>;
}

/** What may be touched inside a change of these. */
export type Changes<Noun extends keyof CatalogueChanges> = Pick<CatalogueChanges, Noun> & Journalled;

/** The ports of what changes these on a caller's behalf. */
export type Changing<Noun extends keyof CatalogueChanges> = Acting<Changes<Noun>>;
