// What may be held at most, in a table's cell and in a sentence.

import { entitlementWords as words } from '../../words/entitlements.ts';
import { PermissionNames } from '../access/permission-names.tsx';
import { isEverything } from './entitlement.ts';

/** For a cell. */
export function EntitlementCell({ entitlement }: { entitlement: readonly string[] }) {
  if (isEverything(entitlement) || entitlement.length === 0) return <EntitlementText entitlement={entitlement} />;
  return <PermissionNames names={entitlement} />;
}

export function EntitlementText({ entitlement }: { entitlement: readonly string[] }) {
  if (isEverything(entitlement)) return <>{words.everything}</>;
  return <>{entitlement.length === 0 ? words.nothing : words.firstOf(entitlement)}</>;
}
