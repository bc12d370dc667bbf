// The documents by which clients describe themselves: read when somebody comes for such a client, shared by all who wait, and
// kept for a while. One that cannot be read any more counts no longer than it was kept for.

import type { Clock } from '../../clock.ts';
import { type Outbound, outboundFailures } from '../../outbound.ts';
import { isAllowedClient, isClientUrl } from './client-url.ts';
import { type ClientMetadata, metadataIn } from './document.ts';

/** What the operator lets such clients be and do. */
export interface AllowedClients {
  /** Hosts of their addresses; none lets nobody in. */
  hosts: readonly string[];
  /** The permissions and patterns that they may ask for at most. */
  permissions: readonly string[];
}

/** Why a client was not taken, for the log. */
export interface RefusedClient {
  client: string;
  why: string;
}

export interface ClientDocuments {
  readonly allowed: AllowedClients;
  /** What the client at an address says of itself now; null where it is not allowed, or nothing good. Read on behalf of `party`. */
  read(url: string, party: string): Promise<ClientMetadata | null>;
}

/** However long their servers say, documents are kept for so long: a minute to an hour, and 5 minutes without a word. */
const keptMs = { least: 60_000, usual: 5 * 60_000, most: 60 * 60_000 } as const;
/** A document that was not taken is not asked for again sooner, so that nobody has this server call another in a loop. */
const againMs = 5000;
const mostKept = 1000;
/** As the draft advises (section 8.7). */
const mostBytes = 5120;

interface Kept {
  metadata: ClientMetadata | null;
  until: number;
}

export function createClientDocuments(ports: {
  outbound: Outbound;
  clock: Clock;
  allowed: AllowedClients;
  refused: (client: RefusedClient) => void;
}): ClientDocuments {
  const { outbound, clock, allowed, refused } = ports;
  // Apart, so that bad ones push no good one out.
  const [good, bad] = [new Map<string, Kept>(), new Map<string, Kept>()];
  const reading = new Map<string, Promise<ClientMetadata | null>>();

  async function readAnew(url: string, party: string): Promise<ClientMetadata | null> {
    const answer = await outbound.fetchJson(url, party, mostBytes);
    // That one party asks for too much at once keeps nobody else's client from being read.
    if (answer.failure === 'too_many') return null;
    if (answer.failure !== undefined) return refuse(url, outboundFailures[answer.failure]);
    const metadata = metadataIn(answer.document, url);
    if ('fault' in metadata) return refuse(url, metadata.fault);
    const { jwksUri } = metadata;
    if (jwksUri !== null && !isAllowedClient(allowed.hosts, jwksUri)) {
      return refuse(url, 'its jwks_uri is at a host that such clients may not have');
    }
    const { keepMs = keptMs.usual } = answer;
    keep(good, url, { metadata, until: clock() + Math.min(Math.max(keepMs, keptMs.least), keptMs.most) });
    return metadata;
  }

  function refuse(url: string, why: string): null {
    refused({ client: url, why });
    good.delete(url);
    keep(bad, url, { metadata: null, until: clock() + againMs });
    return null;
  }

  return {
    allowed,
    async read(url, party) {
      if (!isClientUrl(url) || !isAllowedClient(allowed.hosts, url)) return null;
      const known = [good.get(url), bad.get(url)].find((one) => one !== undefined && clock() < one.until);
      if (known !== undefined) return known.metadata;
      const under = reading.get(url) ?? readAnew(url, party).finally(() => reading.delete(url));
      reading.set(url, under);
      return under;
    },
  };
}

/** The one that was read longest ago goes first. */
function keep(all: Map<string, Kept>, url: string, kept: Kept): void {
  all.delete(url);
  all.set(url, kept);
  const [oldest] = all.keys();
  if (all.size > mostKept && oldest !== undefined) all.delete(oldest);
}
