// What reads documents from other servers: issuers' keys, which users of the API have named, and clients' own documents, which
// anybody can have read. Neither waits for the other.

import type { Config } from '../config/config.ts';
import type { Outbound } from '../core/outbound.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { readAuthorities } from '../startup/certificate-authorities.ts';

/** Where every host may describe clients, none of them is private: a stranger would have this server call its neighbours. */
export function openOutbounds({
  outbound: { allowPrivate, ca: file },
  clientMetadata: { hosts },
}: Pick<Config, 'outbound' | 'clientMetadata'>): { outbound: Outbound; clientOutbound: Outbound } {
  const ca = file === null ? null : readAuthorities(file);
  return {
    outbound: createOutbound({ allowPrivate, ca }),
    clientOutbound: createOutbound({ allowPrivate: hosts.includes('*') ? [] : allowPrivate, ca }),
  };
}
