// Bluebricks: the organization's API keys, created, listed, deactivated and activated by name under /api/v1/auth.
// This wire has no rename and no delete, and shows a secret only in the answer that creates it.

import process from 'node:process';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { allGrantable, demand } from '../core/caller/caller.ts';
import type { Principal } from '../core/caller/records.ts';
import type { Core } from '../core/core.ts';
import type { ApiToken } from '../core/credentials/records.ts';
import { type CredentialReason, type ErrorCode, invalid, KeywardError } from '../core/errors.ts';
import type { PageRequest, SortKey } from '../core/page.ts';
import { reference } from './bluebricks/reference.ts';
import { type Answer, type Dialect, identify } from './dialect.ts';
import { retryAfter } from './retry-after.ts';

// An import of this module would load all that it exports, an HTTP client and a WebSocket among it (Node's own, 30 ms).
const { STATUS_CODES } = process.getBuiltinModule('node:http');

export const bluebricks: Dialect = {
  name: 'bluebricks',
  paths: ['/api/v1/auth'],
  accepts: ['api_token'],
  bodies: ['json'],
  reference,
  mount,
  refuse({ reason }) {
    const [status, message] = refusals[reason];
    if (status !== 401) return spoken(status, message);
    const error = reason === 'missing' ? '' : ', error="invalid_token"';
    return spoken(status, message, { 'www-authenticate': `Bearer realm="keyward"${error}` });
  },
  fail(error, at) {
    const [status, words] = failures[error.code];
    // A path that does not exist is no missing key.
    const message =
      words === undefined || (error.code === 'not_found' && at.routeOptions.url === undefined) ? error.message : words;
    return spoken(status, message, retryAfter(error));
  },
};

const notAuthenticated = [401, 'Failed to authenticate user'] as const;
const missingScopes = [403, 'Missing required scopes'] as const;

const refusals: Record<CredentialReason, readonly [status: number, message: string]> = {
  missing: notAuthenticated,
  unknown: notAuthenticated,
  inactive: notAuthenticated,
  revoked: notAuthenticated,
  expired: notAuthenticated,
  exchange_only: notAuthenticated,
  wrong_organization: missingScopes,
  wrong_api: missingScopes,
  address_not_allowed: [403, 'Address not allowed'],
  wrong_key: notAuthenticated,
  invalid_proof: notAuthenticated,
  nonce_required: notAuthenticated,
  missing_permission: missingScopes,
};

/** Without words of their own, failures say what core says. */
const failures: Record<ErrorCode, readonly [status: number, message?: string]> = {
  invalid_request: [400],
  unauthenticated: notAuthenticated,
  forbidden: missingScopes,
  not_found: [404, 'Key not found in organization'],
  method_not_allowed: [405],
  conflict: [409, 'Key already exists in organization'],
  idempotency_key_reused: [422],
  too_large: [413],
  uri_too_long: [414],
  unsupported_media_type: [415],
  insecure_transport: [400],
  second_factor_required: [403],
  confirmation_required: [403],
  too_many_requests: [429, 'Too many requests'],
  unavailable: [503],
  internal: [500],
};

const KeyName = Type.Object({ name: Type.String() });
/** A key may do without a name: it is given one, which the list shows. */
const NewKey = Type.Union([Type.Object({ name: Type.Optional(Type.String()) }), Type.Null()]);

const ListQuery = Type.Object({
  offset: Type.Optional(Type.String()),
  limit: Type.Optional(Type.String()),
  order: Type.Optional(Type.String()),
  sort: Type.Optional(Type.String()),
  search: Type.Optional(Type.String()),
});

function mount(instance: FastifyInstance, core: Core): void {
  const scope = instance.withTypeProvider<TypeBoxTypeProvider>();
  const named = { schema: { body: KeyName }, attachValidation: true };

  scope.post('/api/v1/auth/key', { schema: { body: NewKey }, attachValidation: true }, async (request) => {
    const caller = await admit(request, core, 'create:organization_api_key');
    // The wire has a name and nothing else, so the key may do what its maker may do.
    const wanted = { permissions: allGrantable(caller), use: 'both' } as const;
    const name = request.body?.name;
    const { secret } = await core.createApiToken(caller, name === undefined ? wanted : { ...wanted, name });
    return { api_key: secret };
  });

  scope.get('/api/v1/auth/keys', { schema: { querystring: ListQuery }, attachValidation: true }, async (request) => {
    const caller = await admit(request, core, 'read:organization_api_key');
    const { items, total } = await core.listApiTokens(caller, pageOf(request.query), 'all');
    return { total, list: await entriesOf(items, caller, core) };
  });

  scope.post('/api/v1/auth/key/deactivate', named, async (request) => {
    const caller = await admit(request, core, 'update:organization_api_key');
    const token = await core.deactivateApiToken(caller, { name: request.body.name });
    return (await entriesOf([token], caller, core))[0];
  });

  scope.post('/api/v1/auth/key/activate', named, async (request) => {
    const caller = await admit(request, core, 'update:organization_api_key');
    const token = await core.activateApiToken(caller, { name: request.body.name });
    return (await entriesOf([token], caller, core))[0];
  });
}

/**
 * Says 401 and 403 before 400. The permission is asked for here because core also lets people manage keys of their own
 * by another one, which this wire does not know.
 */
async function admit(request: FastifyRequest, core: Core, permission: string): Promise<Principal> {
  const caller = await identify(request, core);
  demand(caller, permission);
  if (request.validationError !== undefined) throw request.validationError;
  return caller;
}

function pageOf({ offset, limit, order = 'DESC', sort = 'created_at', search }: Static<typeof ListQuery>): PageRequest {
  const key = sortKeys.get(sort);
  if (key === undefined) throw invalid(['query', 'sort'], 'sort is created_at or name.');
  if (!/^(?:asc|desc)$/i.test(order)) throw invalid(['query', 'order'], 'order is ASC or DESC.');
  return {
    offset: integerIn('offset', offset, 0, 0, 999_999_999),
    limit: integerIn('limit', limit, 20, 1, 200),
    sort: key,
    descending: order.toLowerCase() === 'desc',
    counted: true,
    ...(search ? { search } : {}),
  };
}

const sortKeys: ReadonlyMap<string, SortKey> = new Map([
  ['created_at', 'createdAt'],
  ['name', 'name'],
]);

/** Out of range is refused, not cut to fit: whoever pages by the limit they asked for would skip keys. */
function integerIn(field: string, text: string | undefined, absent: number, least: number, most: number): number {
  if (text === undefined) return absent;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalid(['query', field], `${field} is an integer from ${least} to ${most}.`);
}

async function entriesOf(tokens: readonly ApiToken[], caller: Principal, core: Core): Promise<unknown[]> {
  const owners = new Map(tokens.map((token) => [token.owner.id, token.owner]));
  const creators = new Map(
    await Promise.all([...owners.values()].map(async (one) => [one.id, await creatorOf(one, caller, core)] as const)),
  );
  return tokens.map((token) => ({
    id: token.id,
    name: token.name,
    created_at: new Date(token.createdAt).toISOString(),
    expiration_time: timeOrNull(token.expiresAt),
    updated_at: timeOrNull(token.updatedAt),
    created_by: creators.get(token.owner.id),
    is_disabled: token.lifecycle.deactivatedAt !== null,
  }));
}

/** Whoever the caller may not look up, or who is gone, is shown by id alone. */
async function creatorOf(owner: ApiToken['owner'], caller: Principal, core: Core) {
  const { id } = owner;
  try {
    if (owner.type === 'user') {
      const { name, email } = await core.readUser(caller, id);
      return { id, name, nickname: email.replace(/@[^@]*$/, ''), picture: '' };
    }
    const { name, username } = await core.readApiUser(caller, id);
    return { id, name, nickname: username, picture: '' };
  } catch (error) {
    if (!(error instanceof KeywardError) || (error.code !== 'forbidden' && error.code !== 'not_found')) throw error;
    const name = id === caller.owner.id ? caller.owner.name : id;
    return { id, name, nickname: name, picture: '' };
  }
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function spoken(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: { statusCode: status, message, error: STATUS_CODES[status] } };
}
