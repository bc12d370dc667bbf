// Two customers of the demo's operator, as a provider of APIs has them: on different plans, one of them entitled to a part
// of the APIs alone. And the token by which a service of the provider's asks about both.

import type { Caller } from '../../core/caller/caller.ts';
import { systemIn } from '../../core/caller/caller.ts';
import { principalOf } from '../../core/caller/principal.ts';
import type { Core } from '../../core/core.ts';
import type { Store } from '../../core/ports.ts';

export interface DemoCustomer {
  /** The organization's name. */
  name: string;
  /** What the provider calls it in its own systems. */
  externalId: string;
  planId: string;
  owner: { email: string; password: string };
  /** Of its owner: may read everything that the customer is entitled to. */
  token: string;
}

export interface DemoCustomers {
  acme: DemoCustomer;
  globex: DemoCustomer;
}

const customers = {
  acme: { externalId: 'cus_1001', planId: 'premium', contributors: 3, entitlement: null },
  globex: { externalId: 'cus_1002', planId: 'free', contributors: 1, entitlement: ['read:files'] },
} as const;

export async function fillDemoCustomers(core: Core, store: Store): Promise<DemoCustomers> {
  return { acme: await customer(core, store, 'acme'), globex: await customer(core, store, 'globex') };
}

/** A token that verifies every customer's credentials, and follows what happens to them. */
export async function verifierToken(core: Core, operator: Caller): Promise<string> {
  const permissions = ['verify:credential', 'follow:feed'];
  return (await core.createApiToken(operator, { name: 'verifier', permissions })).secret;
}

async function customer(core: Core, store: Store, name: keyof typeof customers): Promise<DemoCustomer> {
  const { externalId, planId, contributors, entitlement } = customers[name];
  const wanted = {
    name,
    externalId,
    planId,
    contributors,
    entitlement: entitlement === null ? null : [...entitlement],
  };
  const organization = await core.createOrganization(systemIn(), wanted);
  const person = { email: `owner@${name}.example`, name: `Owner of ${name}`, role: 'owner' };
  const { user, password } = await core.createUser(systemIn(organization), person);
  const record = await store.credentials.bySource({ type: 'user', id: user.id });
  if (record === null) throw new Error('The demo lost whom it just made.');
  const { secret } = await core.createApiToken(principalOf(record), { name: 'shop', permissions: ['read:*'] });
  return { name, externalId, planId, owner: { email: user.email, password }, token: secret };
}
