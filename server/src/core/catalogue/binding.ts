// API tokens that are bound to APIs: what it takes that one of these is removed. A token that is left bound to none calls
// nothing; it never comes to be good for all.

import { type Caller, isOperating } from '../caller/caller.ts';
import { KeywardError } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import type { BoundTokenReads, Changes } from './ports.ts';

const mostNamed = 10;
/** A change lets others in between. */
const batch = 500;

/** Throws `conflict` while API tokens are bound to the API; it names the first ten of those that the caller may know of. */
export async function demandUnbound(bindings: BoundTokenReads, caller: Caller, api: string): Promise<void> {
  const count = await bindings.count(api);
  if (count === 0) return;
  const organizationId = isOperating(caller) ? {} : { organizationId: caller.organization.id };
  const known = await bindings.list(api, { after: '', limit: mostNamed, ...organizationId });
  const names = known.map(({ name }) => name).join(', ');
  const are = count === 1 ? 'API token is' : 'API tokens are';
  throw new KeywardError(
    'conflict',
    `${count} ${are} bound to this API${names === '' ? '' : `: ${names}`}. Bind them to others first, or delete it with force, which takes it from all of them.`,
  );
}

/** Takes it from some that are bound to it, deleted ones too. True once none is. */
export async function unbind(changes: Changes<'bindings'>, caller: Caller, at: number, api: string): Promise<boolean> {
  const tokens = await changes.bindings.list(api, { after: '', limit: batch, withDeleted: true });
  for (const { id, organizationId, apis: before } of tokens) {
    const apis = before.filter((one) => one !== api);
    await changes.bindings.bind(organizationId, id, apis);
    const subject = { type: 'api_token', id };
    changes.journal(entryOf(caller, at, 'api_token.changed', subject, { apis, withdrawn: api }, organizationId));
  }
  return tokens.length < batch;
}
