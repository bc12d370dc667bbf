// A request as the server received it, for its sender: the proxies on its way are told to who operates the server alone.

import type { Clocked } from '../clock.ts';
import { type Caller, may } from './caller.ts';

export type ProxyHeader = 'forwarded' | 'x-forwarded-for' | 'x-forwarded-proto' | 'x-forwarded-host';

/** What HTTP knows of a request. */
export interface SeenConnection {
  address: string;
  secure: boolean;
  host: string | null;
  /** What is at the other end of the connection, whether it is trusted as a proxy, and the headers of proxies. */
  proxy: { peer: string; peerIsTrusted: boolean; headers: Record<ProxyHeader, string | null> };
}

/** `proxy` is null unless the caller is the operator's and holds `read:organization`. `time`: the server's clock. */
export function readConnection(
  { clock }: Clocked,
  caller: Caller,
  seen: SeenConnection,
): Omit<SeenConnection, 'proxy'> & { proxy: SeenConnection['proxy'] | null; time: number } {
  const isTold = caller.organization.isOperator && may(caller, 'read:organization');
  return { ...seen, proxy: isTold ? seen.proxy : null, time: clock() };
}
