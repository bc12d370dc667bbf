// The server's settings, to be looked at. What they mean is decided where they are read; they are changed in the file.

import { type Caller, demand } from './caller/caller.ts';
import type { ServerFacts, Settings } from './settings.ts';

export interface ShownSettings {
  url: string;
  dialects: Readonly<Record<string, boolean>>;
  /** For the organization that operates the server alone. */
  policies:
    | (Omit<ServerFacts, 'dialects'> & Pick<Settings, 'sessionIdleMs' | 'sessionMs' | 'tokenPrefix' | 'defaultPlan'>)
    | null;
}

/** Needs `read:organization`. */
export function readSettings(ports: { settings: Settings }, caller: Caller): ShownSettings {
  demand(caller, 'read:organization');
  const { issuer: url, sessionIdleMs, sessionMs, tokenPrefix, defaultPlan, facts } = ports.settings;
  const { dialects, ...policies } = facts;
  const all = { ...policies, sessionIdleMs, sessionMs, tokenPrefix, defaultPlan };
  return { url, dialects, policies: caller.organization.isOperator ? all : null };
}
