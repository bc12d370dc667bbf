// The catalogue as a start finds or makes it: the default API, what an upgrade moves into it, and what routes require.
// Repeating it changes nothing.

import { isOwnPermission } from '@keyward/rules/own-permissions';
import { isPermission } from '@keyward/rules/permission';
import { systemIn } from '../caller/caller.ts';
import { defaultApi } from '../caller/catalogue.ts';
import type { Clock } from '../clock.ts';
import { entryOf } from '../journal/entry.ts';
import type { Setting } from '../settings.ts';
import type { Writer } from '../writer.ts';
import type { ApiCache } from './api-cache.ts';
import type { Changes } from './ports.ts';
import type { Api } from './records.ts';
import { registerRequired } from './required-permissions.ts';
import { usualAlgorithm } from './signing-algorithm.ts';

interface FormerCatalogue {
  isPending(name: string): Promise<boolean>;
  operatorsPermissions(): Promise<{ name: string; description: string }[]>;
  heldPermissions(): Promise<string[]>;
}

type CatalogueChanges = Changes<'apis' | 'permissions'> & { upgradeSteps: { finish(name: string): Promise<boolean> } };

const step = 'move_permissions';

export async function prepareCatalogue(
  ports: {
    store: Writer<CatalogueChanges> & { upgradeSteps: FormerCatalogue };
    apis: ApiCache;
    clock: Clock;
  } & Setting<'guarded'>,
): Promise<void> {
  const { store, clock, apis, settings } = ports;
  const former = (await store.upgradeSteps.isPending(step)) ? await formerPermissions(store.upgradeSteps) : null;
  const at = clock();
  await store.write(async (changes) => {
    await makeDefault(changes, at);
    if (former !== null && (await changes.upgradeSteps.finish(step))) await move(changes, former, at);
    await registerRequired(changes, systemIn(), at, settings.guarded);
  });
  await apis.reload();
}

async function makeDefault({ apis, journal }: CatalogueChanges, at: number): Promise<void> {
  const shown = { name: 'Default', identifier: null, description: '' };
  const api: Api = { handle: defaultApi, ...shown, signingAlgorithm: usualAlgorithm, createdAt: at };
  if ((await apis.find(defaultApi)) !== null || !(await apis.insert(api))) return;
  journal(entryOf(systemIn(), at, 'api.created', { type: 'api', id: defaultApi }, { name: api.name }));
}

/** What the operator had registered, with its description, and what roles and tokens of anybody hold by name. */
async function formerPermissions(former: FormerCatalogue): Promise<ReadonlyMap<string, string>> {
  const held = (await former.heldPermissions()).map((name) => [name, ''] as const);
  const registered = (await former.operatorsPermissions()).map(({ name, description }) => [name, description] as const);
  const all = new Map([...held, ...registered]);
  return new Map([...all].filter(([name]) => isPermission(name) && !isOwnPermission(name)));
}

async function move(changes: CatalogueChanges, former: ReadonlyMap<string, string>, at: number): Promise<void> {
  for (const [name, description] of former) {
    const permission = { name, api: defaultApi, description, group: '', createdAt: at };
    if (!(await changes.permissions.insert(permission))) continue;
    const detail = { api: defaultApi, description, moved: true };
    changes.journal(entryOf(systemIn(), at, 'permission.registered', { type: 'permission', id: name }, detail));
  }
}
