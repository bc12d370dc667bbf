// The list of migrations, imported statically so that nothing is read from a folder at run time. Each one only adds
// what the version before it can live with, or removes what no version in use needs any more (expand, then contract):
// nodes of two versions run side by side during an upgrade. A migration that was released is never edited.

import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { addresses } from './0002-addresses.ts';
import { leases } from './0003-leases.ts';
import { usage } from './0004-usage.ts';
import { sessions } from './0005-sessions.ts';
import { rotations } from './0006-rotations.ts';
import { whenUnavailable } from './0007-when-unavailable.ts';
import { verifiers } from './0008-verifiers.ts';
import { collation } from './0009-collation.ts';
import { lineage } from './0010-lineage.ts';
import { serverTime } from './0011-server-time.ts';
import { sessionCarriers } from './0012-session-carriers.ts';
import { apis } from './0013-apis.ts';
import { externalRecords } from './0014-external-records.ts';
import { secretHints } from './0015-secret-hints.ts';
import { keptAnswers } from './0016-kept-answers.ts';
import { tokenLifetimes } from './0017-token-lifetimes.ts';
import { entitlements } from './0018-entitlements.ts';
import { tokenApis } from './0019-token-apis.ts';
import { acting } from './0020-acting.ts';
import { planLimits } from './0021-plan-limits.ts';
import { tokenLimits } from './0022-token-limits.ts';
import { apiUserRotations } from './0023-api-user-rotations.ts';
import { makers } from './0024-makers.ts';
import { revokedTokens } from './0025-revoked-tokens.ts';
import { applications } from './0026-applications.ts';
import { federatedCredentials } from './0027-federated-credentials.ts';
import { signingAlgorithms } from './0028-signing-algorithms.ts';
import { deviceCodes } from './0029-device-codes.ts';
import { clientMetadata } from './0030-client-metadata.ts';
import { applicationKeys } from './0031-application-keys.ts';
import { imports } from './0032-imports.ts';
import { recovery } from './0034-recovery.ts';
import { webhooks } from './0035-webhooks.ts';
import { notices } from './0036-notices.ts';
import { nodeQuestions } from './0037-node-questions.ts';
import { observedBounds } from './0038-observed-bounds.ts';
import { leaks } from './0039-leaks.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-addresses': addresses,
  '0003-leases': leases,
  '0004-usage': usage,
  '0005-sessions': sessions,
  '0006-rotations': rotations,
  '0007-when-unavailable': whenUnavailable,
  '0008-verifiers': verifiers,
  '0009-collation': collation,
  '0010-lineage': lineage,
  '0011-server-time': serverTime,
  '0012-session-carriers': sessionCarriers,
  '0013-apis': apis,
  '0014-external-records': externalRecords,
  '0015-secret-hints': secretHints,
  '0016-kept-answers': keptAnswers,
  '0017-token-lifetimes': tokenLifetimes,
  '0018-entitlements': entitlements,
  '0019-token-apis': tokenApis,
  '0020-acting': acting,
  '0021-plan-limits': planLimits,
  '0022-token-limits': tokenLimits,
  '0023-api-user-rotations': apiUserRotations,
  '0024-makers': makers,
  '0025-revoked-tokens': revokedTokens,
  '0026-applications': applications,
  '0027-federated-credentials': federatedCredentials,
  '0028-signing-algorithms': signingAlgorithms,
  '0029-device-codes': deviceCodes,
  '0030-client-metadata': clientMetadata,
  '0031-application-keys': applicationKeys,
  '0032-imports': imports,
  '0034-recovery': recovery,
  '0035-webhooks': webhooks,
  '0036-notices': notices,
  '0037-node-questions': nodeQuestions,
  '0038-observed-bounds': observedBounds,
  '0039-leaks': leaks,
};
