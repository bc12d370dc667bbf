// What may be held at most, in a table's cell and in a sentence.

import { entitlementWords as words } from '../../words/entitlements.ts';
import { PermissionNames } from '../access/permission-names.tsx';
import { isEverything } from './entitlement.ts';

/** For a cell. */
export function EntitlementCell({ entitlement }: { entitlement: readonly string[] }) {
  if (isEverything(entitlement)) return words.everything;
  return entitlement.length === 0 ? words.nothing : <PermissionNames names={entitlement} wraps />;
}

/** Within a sentence. */
export function entitlementText(entitlement: readonly string[]): string {
  if (isEverything(entitlement)) return words.everything.toLowerCase();
  return entitlement.length === 0 ? words.nothing.toLowerCase() : words.firstOf(entitlement);
}
