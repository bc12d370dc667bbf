// APIs: what is guarded, each with an identifier and permissions of its own. They are the operator's and the same for every
// organization. Their permissions are in permission.ts.

import type { JwsAlgorithm } from '@keyward/rules/jws';
import { type Caller, demand, demandOperator } from '../caller/caller.ts';
import { defaultApi } from '../caller/catalogue.ts';
import { writeAs } from '../caller/write-as.ts';
import { invalid, KeywardError, taken } from '../errors.ts';
import { entryOf } from '../journal/entry.ts';
import { checkedDescription, checkedHandle, checkedName } from '../name.ts';
import type { GuardedPath, Setting } from '../settings.ts';
import type { ApiCache } from './api-cache.ts';
import { demandUnbound, unbind } from './binding.ts';
import { identifierOf } from './identifier.ts';
import type { ApiReads, Changes, Changing, Reading } from './ports.ts';
import type { Api } from './records.ts';
import { registerRequired } from './required-permissions.ts';
import { usualAlgorithm } from './signing-algorithm.ts';
import { demandUnheld, endAuthorized, takeFromAll, takeFromEntitlements } from './withdrawal.ts';

/** As an API is shown: with the identifier that it goes by. */
export type ShownApi = Api & { identifier: string };

type ApiChangingPorts = Changing<'apis' | 'permissions' | 'holders' | 'bindings'> & {
  apis: Pick<ApiCache, 'reload'>;
} & Setting<'issuer' | 'guarded'>;

/** Operators only, with `create:permission`. Throws `conflict` for a handle or an identifier that another one has. */
export async function createApi(
  ports: ApiChangingPorts,
  caller: Caller,
  wanted: { handle: string; name: string; identifier?: string; description?: string; signingAlgorithm?: JwsAlgorithm },
): Promise<ShownApi> {
  demandOperator(caller, 'create:permission');
  const at = ports.clock();
  const api: Api = {
    handle: checkedHandle('handle', wanted.handle),
    name: checkedName('name', wanted.name),
    identifier: wanted.identifier === undefined ? null : checkedIdentifier(wanted.identifier),
    description: checkedDescription(wanted.description ?? ''),
    signingAlgorithm: wanted.signingAlgorithm ?? usualAlgorithm,
    createdAt: at,
  };
  const made = await writeAs(ports, caller, async (changes) => {
    await demandOwnIdentifier(ports, changes.apis, api);
    if (!(await changes.apis.insert(api))) {
      if ((await changes.apis.find(api.handle)) === null) throw identifierTaken();
      throw taken(
        ['body', 'handle'],
        `There is an API ${api.handle} already. Change that one, or choose another handle.`,
      );
    }
    // Who answers late still allows something on the one that was called so before.
    while (!(await endAuthorized(changes, caller, at, { api: api.handle })));
    const { handle, createdAt: _, signingAlgorithm, ...detail } = api;
    const signed = signingAlgorithm === usualAlgorithm ? detail : { ...detail, signingAlgorithm };
    changes.journal(entryOf(caller, at, 'api.created', subjectOf(handle), signed));
    await registerRequired(changes, caller, at, ports.settings.guarded);
    return shown(ports, api);
  });
  await ports.apis.reload();
  return made;
}

/** The default one first. Needs `read:permission`. */
export async function listApis(ports: Reading<'apis'> & Setting<'issuer'>, caller: Caller): Promise<ShownApi[]> {
  demand(caller, 'read:permission');
  const apis = (await ports.store.apis.list()).map((api) => shown(ports, api));
  return [...apis.filter(isDefault), ...apis.filter((api) => !isDefault(api))];
}

/** Needs `read:permission`. */
export async function readApi(
  ports: Reading<'apis'> & Setting<'issuer'>,
  caller: Caller,
  handle: string,
): Promise<ShownApi> {
  demand(caller, 'read:permission');
  return shown(ports, demandFound(await ports.store.apis.find(handle), handle));
}

/** Operators only, with `update:permission`. The handle stays; `identifier: null` goes back to the one that it has by itself. */
export async function updateApi(
  ports: ApiChangingPorts,
  caller: Caller,
  handle: string,
  change: { name?: string; identifier?: string | null; description?: string; signingAlgorithm?: JwsAlgorithm },
): Promise<ShownApi> {
  demandOperator(caller, 'update:permission');
  const { name, identifier, description, signingAlgorithm } = change;
  const next = {
    ...(name !== undefined && { name: checkedName('name', name) }),
    ...(identifier !== undefined && { identifier: identifier === null ? null : checkedIdentifier(identifier) }),
    ...(description !== undefined && { description: checkedDescription(description) }),
    ...(signingAlgorithm !== undefined && { signingAlgorithm }),
  };
  const at = ports.clock();
  return writeAs(ports, caller, async (changes) => {
    const api = { ...demandFound(await changes.apis.claim(handle), handle), ...next };
    await demandOwnIdentifier(ports, changes.apis, api);
    if (!(await changes.apis.update(handle, next))) throw identifierTaken();
    changes.journal(entryOf(caller, at, 'api.changed', subjectOf(handle), next));
    return shown(ports, api);
  });
}

/**
 * Takes the API away with all its permissions. Operators only, with `delete:permission`. Throws `conflict` for the default
 * one and, without `force`, while somebody holds one of them, an API token is bound to it or a route leads to it. Routes that name it answer 503.
 */
export async function deleteApi(
  ports: ApiChangingPorts,
  caller: Caller,
  handle: string,
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  demandOperator(caller, 'delete:permission');
  const at = ports.clock();
  const step = (changes: Changes<'apis' | 'permissions' | 'holders' | 'bindings'>) =>
    withdrawApi(changes, caller, at, handle, force, ports.settings.guarded);
  while (!(await writeAs(ports, caller, step)));
  await ports.apis.reload();
}

/** One step of it: true once all is done. */
async function withdrawApi(
  changes: Changes<'apis' | 'permissions' | 'holders' | 'bindings'>,
  caller: Caller,
  at: number,
  handle: string,
  force: boolean,
  guarded: readonly GuardedPath[],
): Promise<boolean> {
  demandFound(await changes.apis.claim(handle), handle);
  if (handle === defaultApi) {
    throw new KeywardError('conflict', 'This API is there from the start and stays. Change it instead.');
  }
  if (!force) demandNoRoute(handle, guarded);
  if (!force) await demandUnbound(changes.bindings, caller, handle);
  const own = (await changes.permissions.list()).filter(({ api }) => api === handle);
  for (const { name } of own) {
    await changes.permissions.claim(name);
    if (!force) await demandUnheld(changes.holders, caller, name, []);
  }
  // From deleted tokens in either case: restored, they would have what is made anew under these names.
  if (!(await unbind(changes, caller, at, handle))) return false;
  if (!(await endAuthorized(changes, caller, at, { api: handle }))) return false;
  for (const { name } of own) if (!(await takeFromAll(changes, caller, at, name))) return false;
  for (const { name } of own) {
    await takeFromEntitlements(changes, caller, at, name);
    await changes.permissions.delete(name);
  }
  await changes.apis.delete(handle);
  const detail = { force, permissions: own.map(({ name }) => name) };
  changes.journal(entryOf(caller, at, 'api.deleted', subjectOf(handle), detail));
  return true;
}

function demandNoRoute(handle: string, guarded: readonly GuardedPath[]): void {
  const paths = guarded.filter(({ api }) => api === handle).map(({ path }) => path);
  if (paths.length === 0) return;
  const text = `Routes lead to this API, and would answer 503: ${paths.slice(0, 10).join(', ')}. Take them out of the configuration first, or delete it with force.`;
  throw new KeywardError('conflict', text);
}

/** Throws `not_found`. */
function demandFound(api: Api | null, handle: string): Api {
  if (api !== null) return api;
  throw new KeywardError('not_found', `There is no API ${handle}.`);
}

function shown({ settings }: Setting<'issuer'>, api: Api): ShownApi {
  return { ...api, identifier: identifierOf(api, settings.issuer) };
}

async function demandOwnIdentifier({ settings }: Setting<'issuer'>, apis: ApiReads, api: Api): Promise<void> {
  const identifier = identifierOf(api, settings.issuer);
  const others = (await apis.list()).filter(({ handle }) => handle !== api.handle);
  const other = others.find((one) => identifierOf(one, settings.issuer) === identifier);
  if (other === undefined) return;
  throw identifierTaken(other.handle);
}

function identifierTaken(by?: string): KeywardError {
  const who = by === undefined ? 'Another API' : `The API ${by}`;
  return taken(['body', 'identifier'], `${who} has this identifier already. Choose another one.`);
}

/** An absolute URI without a fragment (RFC 8707 section 2), as it is compared: letter by letter. */
function checkedIdentifier(text: string): string {
  const isUri = text.length <= 500 && /^[a-z][a-z0-9+.-]*:[\x21\x24-\x7e]+$/i.test(text) && URL.canParse(text);
  if (isUri && !text.includes('#')) return text;
  throw invalid(
    'identifier',
    'Use an absolute URI without a fragment, such as https://api.example.com or urn:acme:orders.',
  );
}

function isDefault({ handle }: Pick<Api, 'handle'>): boolean {
  return handle === defaultApi;
}

function subjectOf(handle: string) {
  return { type: 'api', id: handle };
}
