// Whether a report is GitHub's: its signature over the body as it came (ECDSA on P-256 with SHA-256), against keys that GitHub
// publishes. They are fetched when they are needed, kept, and pinned: what an identifier once meant, it means for as long as
// this process lives. https://docs.github.com/code-security/secret-scanning/secret-scanning-partner-program

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { KeywardError } from '../../errors.ts';
import { type Outbound, outboundFailures } from '../../outbound.ts';

export interface GitHubKeys {
  /** False for what GitHub did not sign. Throws `unavailable` where its keys could not be read and the one named is not known. */
  signed(body: Buffer, keyId: string, signature: string): Promise<boolean>;
  /** Whether a report with this digest was answered here within the last hour. */
  cameBefore(digest: string): boolean;
  answered(digest: string): void;
}

/** Whether GitHub signed a body. Throws `forbidden` where the operator has not said where its keys are. */
export async function isFromGitHub(
  { gitHubKeys }: { gitHubKeys: GitHubKeys | null },
  body: Buffer,
  keyId: string,
  signature: string,
): Promise<boolean> {
  if (gitHubKeys !== null) return gitHubKeys.signed(body, keyId, signature);
  throw new KeywardError(
    'forbidden',
    'This server takes no reports from GitHub: its setting leaks.githubKeys is empty.',
  );
}

/** They are read again when so old, and when a new identifier comes, at most so often. */
const keptMs = 3_600_000;
const againMs = 60_000;
/** Beyond that, keys that could not be read again count no more. */
const goodForMs = 24 * 3_600_000;
const mostKeys = 100;
const mostReports = 1000;

export function createGitHubKeys({
  outbound,
  clock,
  url,
}: {
  outbound: Outbound;
  /** Monotonic milliseconds. */
  clock: Clock;
  url: string;
}): GitHubKeys {
  /** What each identifier meant first. */
  const pinned = new Map<string, string>();
  const reports = new Map<string, number>();
  let keys = new Map<string, KeyObject>();
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failed = '';
  let reading: Promise<void> | undefined;

  async function readAnew(): Promise<void> {
    triedAt = clock();
    const answer = await outbound.fetchJson(url, 'github');
    const read = answer.failure === undefined ? keysIn(answer.document) : null;
    failed = answer.failure !== undefined ? outboundFailures[answer.failure] : read === null ? 'it holds no keys' : '';
    if (read === null) return;
    keys = new Map(
      [...read].filter(([id, key]) => {
        const text = key.export({ type: 'spki', format: 'pem' }).toString();
        if (!pinned.has(id) && pinned.size < 10 * mostKeys) pinned.set(id, text);
        return pinned.get(id) === text;
      }),
    );
    readAt = clock();
  }

  async function keyOf(id: string): Promise<KeyObject | undefined> {
    const isOld = clock() - readAt >= keptMs;
    if ((isOld || !keys.has(id)) && clock() - triedAt >= againMs) {
      reading ??= readAnew().finally(() => {
        reading = undefined;
      });
    }
    if (reading !== undefined) await reading;
    return clock() - readAt < goodForMs ? keys.get(id) : undefined;
  }

  return {
    async signed(body, keyId, signature) {
      if (!/^[0-9A-Za-z_-]{1,128}$/.test(keyId) || !/^[0-9A-Za-z+/]{16,200}={0,2}$/.test(signature)) return false;
      const key = await keyOf(keyId);
      if (key !== undefined) return verify('sha256', body, key, Buffer.from(signature, 'base64'));
      if (failed === '') return false;
      throw new KeywardError('unavailable', 'The keys of GitHub could not be read just now.', { cause: failed });
    },
    cameBefore: (digest) => (reports.get(digest) ?? Number.NEGATIVE_INFINITY) + keptMs > clock(),
    answered(digest) {
      reports.delete(digest);
      reports.set(digest, clock());
      if (reports.size > mostReports) for (const oldest of reports.keys()) if (reports.delete(oldest)) break;
    },
  };
}

/** By identifier; null for no such document. Keys of other kinds are passed over. */
function keysIn(document: unknown): Map<string, KeyObject> | null {
  const list = (document as { public_keys?: unknown } | null)?.public_keys;
  if (!Array.isArray(list) || list.length > mostKeys) return null;
  const found = new Map<string, KeyObject>();
  for (const one of list as ({ key_identifier?: unknown; key?: unknown } | null)[]) {
    const key = typeof one?.key === 'string' && one.key.length < 4096 ? keyIn(one.key) : null;
    if (key !== null && typeof one?.key_identifier === 'string') found.set(one.key_identifier, key);
  }
  return found;
}

function keyIn(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}
