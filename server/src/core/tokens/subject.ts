// What a narrower token is made from: an API token, or an access token, as whoever bears it shows it. All that bounds it
// bounds what is made from it, which ends with it.

import { lineageOf, type TokenBounds } from '@keyward/rules/token-bounds';
import { isInForce } from '../caller/credential-lifecycle.ts';
import { isDividedAsApiToken } from '../secret.ts';
import { type FailedProof, failedProof, whose } from './exchange-failure.ts';
import type { Reading } from './ports.ts';
import { type Proved, type ProvingTokens, proveApiToken } from './proof.ts';
import { lostSupport, read, type TokenReadingPorts } from './read.ts';
import type { TokenClient } from './records.ts';

export interface Subject {
  record: Proved;
  /** When it ends by itself. */
  expiresAt: number | null;
  bounds: TokenBounds | null;
  /** The ids of access tokens that it is, or was made from. */
  lineage: readonly string[];
  sessionId: string | null;
  client: TokenClient | null;
}

/** Whose it is, if it counts right now; read from the database. */
export async function proveSubject(
  ports: Reading<'credentials' | 'revokedTokens'> & TokenReadingPorts & ProvingTokens,
  text: string,
): Promise<Subject | FailedProof> {
  const token = isDividedAsApiToken(text) ? 'unknown' : read(ports, text);
  if (isDividedAsApiToken(text) || (token === 'unknown' && ports.imported.mayBe(text))) {
    const record = await proveApiToken(ports, text);
    if ('reason' in record) return record;
    return { record, expiresAt: record.expiresAt, bounds: null, lineage: [], sessionId: null, client: null };
  }
  if (typeof token === 'string') return failedProof(token);
  // What counts only while its record is there is not followed further.
  if (token.recorded) return failedProof('unknown');
  const { credentials } = ports.store;
  const record = await credentials.bySource(token.source);
  if (record === null) return failedProof('unknown');
  const { jti, bounds, sessionId, expiresAt, client } = token;
  const lost = lostSupport(record, token) ?? (isInForce(record) ? null : 'inactive');
  if (lost !== null) return failedProof(lost, whose(record));
  if (sessionId !== null && !(await credentials.hasSession(sessionId))) return failedProof('revoked', whose(record));
  const lineage = lineageOf(jti, bounds);
  const revoked = await Promise.all(lineage.map((one) => ports.store.revokedTokens.isRevoked(one)));
  if (revoked.includes(true)) return failedProof('revoked', whose(record));
  return { record, expiresAt, bounds, lineage, sessionId, client };
}
