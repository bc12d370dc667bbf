// What a server needs in its database before it can answer: plans, the catalogue of APIs and signing keys, and what an
// upgrade left to do. Repeating it changes nothing.

import { systemIn } from './caller/caller.ts';
import { journalNarrowedWildcards, type NarrowedHolder } from './catalogue/narrowed-wildcards.ts';
import { prepareCatalogue } from './catalogue/prepare-catalogue.ts';
import { preparePlans } from './checking/prepare-plans.ts';
import type { Ports } from './ports.ts';
import { demandSealingKeys } from './tokens/sealing-key-check.ts';
import { ensureSigningKeys } from './tokens/signing-keys.ts';

/** What was found that somebody should be told of. */
export interface Prepared {
  /** Who lost some of Keyward's own permissions by this upgrade. */
  narrowed: readonly NarrowedHolder[];
}

/** Throws `conflict` if the sealing keys are not those of the database, before anything is changed. */
export async function prepare(ports: Ports): Promise<Prepared> {
  await demandSealingKeys(ports);
  await preparePlans(ports);
  await prepareCatalogue(ports);
  await ensureSigningKeys(ports, systemIn());
  return { narrowed: await journalNarrowedWildcards(ports) };
}
