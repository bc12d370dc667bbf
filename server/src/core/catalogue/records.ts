// What is kept of APIs, and who holds their permissions.

import type { JwsAlgorithm } from '@keyward/rules/jws';

/** What is guarded: the operator's, and the same for every organization. */
export interface Api {
  /** Its name in routes, requests and addresses; it stays. */
  handle: string;
  name: string;
  /** An absolute URI, the audience of its tokens; null where none was given (api.ts says what it is then). */
  identifier: string | null;
  description: string;
  /** What tokens of `POST /oauth/token` for it are signed with. */
  signingAlgorithm: JwsAlgorithm;
  createdAt: number;
}

/** A plan, or an organization with a list of its own, as what entitles to permissions. */
export interface Entitling {
  type: 'plan' | 'organization';
  id: string;
  entitlement: readonly string[];
}

/** An API token that is bound to APIs. */
export interface BoundToken {
  id: string;
  name: string;
  organizationId: string;
  apis: readonly string[];
}

/** A role or an API token, as what holds permissions, or an application, as what may ask for them. */
export interface PermissionHolder {
  type: 'role' | 'api_token' | 'application';
  organizationId: string;
  organizationName: string;
  /** As the journal names it: of a role its name. */
  id: string;
  name: string;
  permissions: readonly string[];
}
