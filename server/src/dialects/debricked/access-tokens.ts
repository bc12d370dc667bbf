// Debricked's routes for managing long-lived access tokens: list, create, update, delete. A tokenId is a token's number.
// They show and change every kind of API token; one that is made here can only be exchanged.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { allGrantable, may } from '../../core/caller/caller.ts';
import type { Principal } from '../../core/caller/records.ts';
import type { Core } from '../../core/core.ts';
import type { ApiToken } from '../../core/credentials/records.ts';
import { invalid, KeywardError } from '../../core/errors.ts';
import type { PageRequest, SortKey } from '../../core/page.ts';
import { csvRow } from '../csv.ts';
import { identify } from '../dialect.ts';

export const accessTokensPath = '/api/1.0/open/access-tokens';

const Grant = { adminToken: Type.Optional(Type.Boolean()), access: Type.Optional(Type.Array(Type.String())) };
const NewToken = Type.Object({ description: Type.String(), ...Grant });
const Change = Type.Object({
  tokenId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  description: Type.Optional(Type.String()),
  ...Grant,
});
const Query = Type.Record(Type.String(), Type.String());
const Params = Type.Object({ tokenId: Type.String() });

type Query = Static<typeof Query>;

/** Registers the routes, the collection's with and without its trailing slash. */
export function mountAccessTokens(parent: FastifyInstance, core: Core): void {
  parent.register(async (scope) => {
    scope.decorateRequest('caller', null);
    // Before the body is read, so that a bad credential is 401 whatever else is wrong with the request.
    scope.addHook('onRequest', async (request) => request.setDecorator('caller', await identify(request, core)));
    const routes = scope.withTypeProvider<TypeBoxTypeProvider>();

    for (const path of [accessTokensPath, `${accessTokensPath}/`]) {
      const config = { listParameters: [visibleColumns] };
      routes.get(path, { schema: { querystring: Query }, config }, async (request, reply) => {
        const caller = callerOf(request);
        const { query } = request;
        const columns = columnsOf(query);
        const isCsv = choice(query, 'generateCsv', 'false', yesOrNo);
        const whose = may(caller, 'read:organization_api_key') ? 'all' : 'own';
        const page = await core.listApiTokens(caller, pageOf(query), whose);
        reply.header('x-total-count', String(page.total));
        if (!isCsv) return asItems(core, caller, page.items, columns);
        return reply.header('content-type', 'text/csv; charset=utf-8').send(asCsv(page.items, columns));
      });
      routes.post(path, { schema: { body: NewToken } }, async (request) => {
        const caller = callerOf(request);
        const { description } = request.body;
        const permissions = grantedBy(request.body, caller) ?? [];
        const { secret } = await core.createApiToken(caller, { description, permissions, use: 'exchange' });
        return { token: secret };
      });
    }
    routes.post(`${accessTokensPath}/update-access-token`, { schema: { body: Change } }, async (request) => {
      const caller = callerOf(request);
      const { tokenId, description } = request.body;
      const permissions = grantedBy(request.body, caller);
      await core.updateApiToken(
        caller,
        { number: tokenId },
        { ...(description !== undefined && { description }), ...(permissions !== undefined && { permissions }) },
      );
      return {};
    });
    routes.delete(`${accessTokensPath}/:tokenId`, { schema: { params: Params } }, async (request) => {
      await core.deleteApiToken(callerOf(request), { number: tokenNumber(request.params.tokenId) });
      return {};
    });
  });
}

function callerOf(request: Pick<FastifyRequest, 'getDecorator'>): Principal {
  return request.getDecorator<Principal>('caller');
}

type Column = 'description' | 'created' | 'accessScopes';

/** What each column says, in the list and in the file alike. */
const cells: Readonly<Record<Column, (token: ApiToken) => string>> = {
  description: (token) => token.description,
  created: (token) => new Date(token.createdAt).toISOString(),
  accessScopes: (token) => token.permissions.join(', '),
};
const allColumns: readonly Column[] = ['description', 'created', 'accessScopes'];

const visibleColumns = 'visibleColumns[]';

/** The columns that are asked for, in the order of the wire; all of them where none is named. */
function columnsOf(query: Query): readonly Column[] {
  const named = query[visibleColumns]?.split(',') ?? allColumns;
  const known: readonly string[] = allColumns;
  if (!named.every((one) => known.includes(one))) {
    throw invalid(
      ['query', visibleColumns],
      `${visibleColumns} must be one of ${known.join(', ')}; it may be repeated.`,
    );
  }
  return allColumns.filter((column) => named.includes(column));
}

const yesOrNo: ReadonlyMap<string, boolean> = new Map([
  ['false', false],
  ['true', true],
  ['0', false],
  ['1', true],
]);

function asCsv(tokens: readonly ApiToken[], columns: readonly Column[]): string {
  const rows = tokens.map((token) => csvRow(columns.map((column) => cells[column](token))));
  return csvRow(columns) + rows.join('');
}

const sortKeys: ReadonlyMap<string, SortKey> = new Map([
  ['created', 'createdAt'],
  ['description', 'description'],
  ['accessScopes', 'permissions'],
]);
const orders: ReadonlyMap<string, 'asc' | 'desc'> = new Map([
  ['asc', 'asc'],
  ['desc', 'desc'],
]);

function pageOf(query: Query): PageRequest {
  const limit = count(query, 'rowsPerPage', 25, 200);
  const page = count(query, 'page', 1, 999_999_999);
  return {
    limit,
    offset: (page - 1) * limit,
    sort: choice(query, 'sortColumn', 'created', sortKeys),
    descending: choice(query, 'order', 'desc', orders) === 'desc',
    counted: true,
    ...(query.search ? { search: query.search } : {}),
  };
}

function count(query: Query, name: string, fallback: number, most: number): number {
  const text = query[name];
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw invalid(['query', name], `${name} must be a whole number from 1 to ${most}.`);
  return value;
}

function choice<T>(query: Query, name: string, fallback: string, choices: ReadonlyMap<string, T>): T {
  const chosen = choices.get(query[name] ?? fallback);
  if (chosen !== undefined) return chosen;
  throw invalid(['query', name], `${name} must be one of ${[...choices.keys()].join(', ')}.`);
}

/** `owner` is known by id only, so its number is looked up: null where the caller may not see it, or it is gone. */
async function asItems(core: Core, caller: Principal, tokens: readonly ApiToken[], columns: readonly Column[]) {
  const owners = new Map(tokens.map(({ owner }) => [owner.id, owner]));
  const numbered = [...owners.values()].map(
    async (owner) => [owner.id, await numberOf(core, caller, owner)] satisfies [string, number | null],
  );
  const numbers = new Map(await Promise.all(numbered));
  return tokens.map((token) => ({
    ...Object.fromEntries(columns.map((column) => [column, cells[column](token)])),
    tokenId: token.number,
    userId: numbers.get(token.owner.id) ?? null,
  }));
}

async function numberOf(core: Core, caller: Principal, owner: ApiToken['owner']): Promise<number | null> {
  if (owner.id === caller.owner.id) return caller.owner.number;
  const reading = owner.type === 'user' ? core.readUser(caller, owner.id) : core.readApiUser(caller, owner.id);
  try {
    return (await reading).number;
  } catch (error) {
    if (error instanceof KeywardError && (error.code === 'not_found' || error.code === 'forbidden')) return null;
    throw error;
  }
}

/** An admin token holds what its maker holds; any other what `access` lists. Undefined where nothing is said. */
function grantedBy(
  grant: { adminToken?: boolean; access?: string[] },
  caller: Principal,
): readonly string[] | undefined {
  return grant.adminToken === true ? allGrantable(caller) : grant.access;
}

function tokenNumber(text: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && Number.isSafeInteger(number)) return number;
  throw invalid(['path', 'tokenId'], 'tokenId must be the whole number that the list shows.');
}
