// What every database must do: the suite that sqlite.test.ts and postgres.test.ts run. Its parts are split by subject.

import { afterAll, beforeAll, describe } from 'vitest';
import type { Store } from '../core/ports.ts';
import { describeKeptAnswers } from './conformance-answers.ts';
import { describeApplicationSessions } from './conformance-application-sessions.ts';
import { describeApplications } from './conformance-applications.ts';
import { describeAuthorizationCodes } from './conformance-authorization-codes.ts';
import { describeAuthorizations } from './conformance-authorizations.ts';
import { describeDeviceCodes } from './conformance-devices.ts';
import { describeExternalRecords } from './conformance-external.ts';
import { describeFederatedCredentials } from './conformance-federated.ts';
import { describeLeaks } from './conformance-leaks.ts';
import { describeLifecycles } from './conformance-lifecycles.ts';
import { describeLineage } from './conformance-lineage.ts';
import { describeLists } from './conformance-lists.ts';
import { describeNouns } from './conformance-nouns.ts';
import { describeRevokedTokens } from './conformance-revoked.ts';
import { describeRotations } from './conformance-rotations.ts';
import { describeSessions } from './conformance-sessions.ts';
import { describeSuspensions } from './conformance-suspensions.ts';
import { describeUsage } from './conformance-usage.ts';
import { describeWebhooks } from './conformance-webhooks.ts';
import { describeWithdrawn } from './conformance-withdrawn.ts';
import { describeWriter } from './conformance-writer.ts';

/** `open` opens a store on a new, empty database whose tables are made. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let opened: Store | undefined;
    beforeAll(async () => {
      opened = await open();
    }, 60_000);
    afterAll(() => opened?.close());
    const store = () => {
      if (opened === undefined) throw new Error('The store did not open.');
      return opened;
    };
    describeNouns(store);
    describeLifecycles(store);
    describeLists(store);
    describeExternalRecords(store);
    describeKeptAnswers(store);
    describeLeaks(store);
    describeLineage(store);
    describeRotations(store);
    describeUsage(store);
    describeSessions(store);
    describeRevokedTokens(store);
    describeSuspensions(store);
    describeApplications(store);
    describeAuthorizations(store);
    describeWithdrawn(store);
    describeAuthorizationCodes(store);
    describeApplicationSessions(store);
    describeDeviceCodes(store);
    describeFederatedCredentials(store);
    describeWebhooks(store);
    describeWriter(store);
  });
}
