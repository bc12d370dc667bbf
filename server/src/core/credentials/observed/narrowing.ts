// What an API token is to be left with, observed first: permissions, addresses and APIs stand beside those that it has, and
// nothing is refused for them until they count. What is observed only ever narrows; whatever else is changed, counts at once.

import { contains, parseAddressRange } from '@keyward/rules/address';
import { type Narrowing, narrowed } from '@keyward/rules/observed/observation';
import { covers } from '@keyward/rules/permission';
import { checkedObservation, nothingToObserve, type WantedObservation } from '../../caller/observation.ts';
import { invalid } from '../../errors.ts';
import { reachesFurther } from '../api-token-privilege.ts';
import type { ApiToken, TokenNarrowing } from '../records.ts';

type Wanted = Narrowing & { narrowing?: TokenNarrowing | null };

/**
 * The change as it is made: with `observe`, what it says of permissions, addresses and APIs becomes a narrowing. Without, what
 * is said of them counts at once, and ends an observation. Throws `invalid_request` for what is no narrowing.
 */
export function withNarrowing<W extends Narrowing>(
  token: ApiToken,
  wanted: W,
  observe: WantedObservation | undefined,
  now: number,
): W & { narrowing?: TokenNarrowing | null } {
  if (observe == null) {
    if (observe === undefined && !saysReach(wanted)) return wanted;
    // All three are written: what has come to count since the last change is kept nowhere else.
    const { permissions, addresses, apis } = token;
    return { permissions, addresses, apis, ...wanted, narrowing: null };
  }
  if (!saysReach(wanted)) throw nothingToObserve('permissions, addresses, apis or several of them');
  const { permissions, addresses, apis, ...others } = wanted;
  demandNarrower(token, wanted);
  const narrowing = {
    ...checkedObservation(observe, now),
    ...(permissions !== undefined && { permissions }),
    ...(addresses !== undefined && { addresses }),
    ...(apis !== undefined && { apis }),
  };
  const { permissions: held, addresses: places, apis: bound } = token;
  return { ...(others as W), permissions: held, addresses: places, apis: bound, narrowing };
}

/** What of a change the journal has: not what stays as it was. */
export function told<W extends Wanted>(next: W, token: ApiToken): Partial<W> {
  const { permissions, addresses, apis } = token;
  const same: Record<string, unknown> = { permissions, addresses, apis, narrowing: token.narrowing };
  return Object.fromEntries(
    Object.entries(next).filter(([field, value]) => !(field in same) || value !== same[field]),
  ) as Partial<W>;
}

/** True if a change leaves a token with some of what it is to lose, or with it for longer. */
export function givesBack(changed: ApiToken, token: ApiToken): boolean {
  if (token.narrowing === null || changed.narrowing === token.narrowing) return false;
  const [before, after] = [inTheEnd(token), inTheEnd(changed)];
  const isPutOff = changed.narrowing !== null && changed.narrowing.until > token.narrowing.until;
  return (
    isPutOff || !after.permissions.every((one) => covers(before.permissions, one)) || reachesFurther(after, before)
  );
}

/** As it is once what is observed counts. */
function inTheEnd(token: ApiToken): ApiToken {
  return token.narrowing === null ? token : { ...token, ...narrowed(token, token.narrowing) };
}

function saysReach({ permissions, addresses, apis }: Narrowing): boolean {
  return permissions !== undefined || addresses !== undefined || apis !== undefined;
}

function demandNarrower(token: ApiToken, { permissions = [], addresses, apis }: Narrowing): void {
  const wider = permissions.findIndex((one) => !covers(token.permissions, one));
  if (wider >= 0) throw notNarrower(['permissions', wider], 'the token does not hold it');
  if (addresses !== undefined && token.addresses.length > 0) {
    if (addresses.length === 0) throw notNarrower(['addresses'], 'the token is bound to addresses');
    const ranges = token.addresses.map(parseAddressRange).filter((one) => one !== null);
    const at = addresses.findIndex((one) => !contains(ranges, one));
    if (at >= 0) throw notNarrower(['addresses', at], 'the token is not good from there');
  }
  if (apis !== undefined && token.apis !== null) {
    if (apis === null) throw notNarrower(['apis'], 'the token is bound to APIs');
    const at = apis.findIndex((one) => token.apis?.includes(one) !== true);
    if (at >= 0) throw notNarrower(['apis', at], 'the token is not bound to it');
  }
}

function notNarrower(path: readonly (string | number)[], why: string) {
  return invalid(['body', ...path], `This would be wider than today: ${why}. Only what is narrower can be observed.`);
}
