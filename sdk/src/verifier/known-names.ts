// Which APIs and organizations there are, of those that requirements name: Keyward has answered about them. It asks nobody;
// of what is not here nothing is known.

import type { Requirement, Verdict } from './verdict.ts';

export interface KnownNames {
  hasApi(handle: string): boolean;
  /** By the id or the name by which a requirement names it. */
  hasOrganization(handle: string): boolean;
  /** Keyward has given this verdict under this requirement; `usual` is the API that it means where it names none. */
  note(requirement: Requirement, usual: string, verdict: Verdict): void;
  forgetApis(): void;
  forgetOrganizations(): void;
}

/** Names that requirements take from callers have no end. */
const mostNames = 1000;

export function createKnownNames(): KnownNames {
  const [apis, organizations] = [new Set<string>(), new Set<string>()];
  return {
    hasApi: (handle) => apis.has(handle),
    hasOrganization: (handle) => organizations.has(handle),
    note({ api, organization }, usual, verdict) {
      add(apis, api ?? usual);
      // Of others it does not say that the organization is there: a credential that is no good is refused before that.
      const isThere = verdict.allowed || verdict.reason === 'wrong_organization';
      if (organization !== undefined && isThere) add(organizations, organization);
    },
    forgetApis: () => apis.clear(),
    forgetOrganizations: () => organizations.clear(),
  };
}

function add(names: Set<string>, name: string): void {
  if (names.size >= mostNames) names.clear();
  names.add(name);
}
