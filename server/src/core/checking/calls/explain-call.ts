// What a call would be answered, and why: for whoever holds a credential of the organization and wonders. It spends nothing,
// counts no use and remembers nothing of what it was shown.

import type { Caller } from '../../caller/caller.ts';
import { defaultApi, noApiText } from '../../caller/catalogue.ts';
import type { ApiCache } from '../../catalogue/api-cache.ts';
import { maySee } from '../../credentials/visible.ts';
import { KeywardError } from '../../errors.ts';
import { lookOf } from '../budget.ts';
import { find } from '../find-credential.ts';
import type { LookupPorts } from '../lookup.ts';
import { type Call, foresee } from '../verify.ts';
import { explanationOf } from './explanation.ts';
import { groundsOf } from './grounds.ts';
import type { Grounds } from './kept-call.ts';

/** Which guarded path a call falls under. */
export interface GuardedCalls {
  /** What the settings ask of it; null where no route is for it. Throws KeywardError `invalid_request` for a path that is none. */
  find(method: string, path: string): { call: Call; credential: 'required' | 'optional' | 'none' } | null;
}

export interface AskedAbout extends Pick<Call, 'permissions' | 'match' | 'api' | 'address'> {
  method?: string;
  path?: string;
}

export interface ForeseenCall {
  allowed: boolean;
  /** Null if it is allowed, or if no route is for it. */
  grounds: Grounds | null;
  text: string;
}

/** Throws `not_found` for an API that does not exist. A credential that the caller may not see is as good as unknown. */
export async function explainCall(
  ports: LookupPorts & { guardedCalls: GuardedCalls; apis: Pick<ApiCache, 'has' | 'handles'> },
  caller: Caller,
  credential: string,
  { method = 'GET', path, address, ...needs }: AskedAbout,
): Promise<ForeseenCall> {
  const from = address === undefined ? {} : { address };
  const route =
    path === undefined ? { call: needs, credential: 'required' as const } : ports.guardedCalls.find(method, path);
  if (route === null) {
    return {
      allowed: false,
      grounds: null,
      text: `No guarded path is for ${method} on this path: no call of it is let in.`,
    };
  }
  if (route.credential === 'none') {
    return { allowed: true, grounds: null, text: 'The path is open: no credential is looked at.' };
  }
  const call: Call = { ...route.call, ...from };
  const { api = defaultApi } = call;
  if (!ports.apis.has(api)) throw new KeywardError('not_found', noApiText(api, ports.apis.handles()));
  const found = await find(ports, credential, call.accepts);
  const isSeen = found.record !== null && maySee(caller, found.record);
  const record = isSeen ? found.record : null;
  const verdict = isSeen ? foresee(ports, found, call) : unknown();
  const refuse = (refusal: Parameters<typeof groundsOf>[0]['verdict']): ForeseenCall => {
    const grounds = groundsOf({ record, credential, call, keep: (text) => text, verdict: refusal, now: ports.clock() });
    return { allowed: false, grounds, text: explanationOf(grounds) };
  };
  if (!verdict.allowed) return refuse(verdict);
  const budget = record === null || call.cost === 0 ? null : await lookOf(ports, record, call);
  if (budget !== null && !budget.admitted) return refuse({ allowed: false, reason: 'rate_limited', budget });
  const may = verdict.principal.permissions;
  return {
    allowed: true,
    grounds: null,
    text: `It would be let in. The credential may do ${may.length === 0 ? 'nothing' : may.slice(0, 20).join(', ')}.`,
  };
}

const unknown = () => ({ allowed: false, reason: 'unknown' }) as const;
