// Imported secrets that were presented for the first time, brought into the native form once their callers are answered: many
// at a time, in changes of their own. Where that fails nothing is lost; the next use tries again.

import type { Clock } from '../clock.ts';
import { importSubject } from '../credentials/named-tokens.ts';
import type { Writer } from '../writer.ts';
import type { Changes } from './ports.ts';
import type { FoundImported } from './records.ts';

export interface Settling {
  /** Must not wait. `native`: the digest of the secret that it was found by. */
  add(found: FoundImported, native: string): void;
  /** Resolves when none waits. */
  idle(): Promise<void>;
}

interface Waiting {
  organizationId: string;
  tokenId: string;
  key: string;
  digest: string;
}

const atOnce = 200;
const mostWaiting = 10_000;

export interface SettlingPorts {
  store: Writer<Changes<'importedSecrets'>>;
  clock: Clock;
  /** Resolves when those who wait for an answer have it. */
  turn(): Promise<unknown>;
  failed(error: unknown): void;
}

export function createSettling(ports: SettlingPorts): Settling {
  const waiting = new Map<string, Waiting>();
  /** Whose native digest is somebody else's: they stay as they are. */
  const stuck = new Set<string>();
  let running: Promise<void> | null = null;

  async function settleSome(): Promise<void> {
    const some = [...waiting.values()].slice(0, atOnce);
    try {
      const settled = await ports.store.write(async (changes) => {
        const done: Waiting[] = [];
        for (const one of some) if (await changes.importedSecrets.settle(one)) done.push(one);
        for (const [organizationId, tokens] of byOrganization(done)) {
          changes.journal({
            at: ports.clock(),
            organizationId,
            actor: { type: 'system', id: 'system' },
            action: 'import.secrets_settled',
            subject: { type: importSubject, id: organizationId },
            detail: { tokens },
          });
        }
        return new Set(done);
      });
      for (const one of some) if (!settled.has(one) && stuck.size < mostWaiting) stuck.add(one.key);
    } catch (error) {
      ports.failed(error);
    } finally {
      for (const one of some) waiting.delete(one.tokenId);
    }
  }

  async function run(): Promise<void> {
    await ports.turn();
    while (waiting.size > 0) {
      await settleSome();
      await ports.turn();
    }
    running = null;
  }

  return {
    add({ record, digest: key }, native) {
      const { source, organization, token } = record;
      // What it was before a rotation ends by itself.
      if (token === null || token.digest !== key || stuck.has(key) || waiting.size >= mostWaiting) return;
      if (waiting.has(source.id)) return;
      waiting.set(source.id, { organizationId: organization.id, tokenId: source.id, key, digest: native });
      running ??= run();
    },
    async idle() {
      await running;
    },
  };
}

function byOrganization(done: readonly Waiting[]): Map<string, string[]> {
  const tokens = new Map<string, string[]>();
  for (const { organizationId, tokenId } of done) {
    tokens.set(organizationId, [...(tokens.get(organizationId) ?? []), tokenId]);
  }
  return tokens;
}
