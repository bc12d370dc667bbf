// Importing over HTTP: recipes, and batches of rows. A secret may come in a row and is in no answer.

import {
  ApiUserImport,
  ApiUserImportOutcome,
  type ImportRecipe,
  ImportRecipeList,
  ImportRecipe as ImportRecipeSchema,
  NewImportRecipe,
  SecretShapeList,
  TokenImport,
  TokenImportOutcome,
  UserImport,
  UserImportOutcome,
} from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import type { ImportRecipe as Kept } from '../../core/import/records.ts';
import { ById, mountAct } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { wholeList } from './paging.ts';
import { fromTime, toTime } from './time.ts';

/** Bytes: a thousand rows, most of which say what they may do in one place for all. */
const bodyLimit = 2 * 1024 * 1024;

export function mountImports(scope: Scope, core: Core): void {
  const list = { querystring: NoQuery, response: { 200: ImportRecipeList } };
  scope.get('/v1/import-recipes', { schema: list }, async (request) =>
    wholeList(await core.listImportRecipes(callerOf(request)), toWire),
  );

  const create = { body: NewImportRecipe, querystring: NoQuery, response: { 201: ImportRecipeSchema } };
  scope.post('/v1/import-recipes', { schema: create }, async (request, reply) => {
    const act = (caller: Parameters<Core['createImportRecipe']>[0]) => core.createImportRecipe(caller, request.body);
    const { body, headers } = await created(core, request, act, toWire);
    return reply.code(201).headers(headers).send(body);
  });

  const read = { params: ById, querystring: NoQuery, response: { 200: ImportRecipeSchema } };
  scope.get('/v1/import-recipes/:id', { schema: read }, async (request) =>
    toWire(await core.readImportRecipe(callerOf(request), request.params.id)),
  );
  mountAct(scope, 'DELETE', '/v1/import-recipes/:id', core.deleteImportRecipe);

  const tokens = { body: TokenImport, querystring: NoQuery, response: { 200: TokenImportOutcome } };
  scope.post('/v1/imports/tokens', { schema: tokens, bodyLimit }, (request) => {
    const { import: id, rows, defaults = {}, ...rest } = request.body;
    return core.importApiTokens(callerOf(request), {
      ...rest,
      id,
      defaults: withEnd(['body', 'defaults', 'expiresAt'], defaults),
      rows: rows.map((row, index) => withEnd(['body', 'rows', index, 'expiresAt'], row)),
    });
  });
}

/** People and machines, with the hashes of their passwords. */
export function mountUserImports(scope: Scope, core: Core): void {
  const schema = { body: UserImport, querystring: NoQuery, response: { 200: UserImportOutcome } };
  scope.post('/v1/imports/users', { schema, bodyLimit }, (request) =>
    core.importUsers(callerOf(request), request.body),
  );
  const machines = { body: ApiUserImport, querystring: NoQuery, response: { 200: ApiUserImportOutcome } };
  scope.post('/v1/imports/api-users', { schema: machines, bodyLimit }, (request) =>
    core.importApiUsers(callerOf(request), request.body),
  );
}

/** Verifiers ask for them, in whose name ever they check. */
export function mountSecretShapes(scope: Scope, core: Core): void {
  const schema = { querystring: NoQuery, response: { 200: SecretShapeList } };
  scope.get('/v1/secret-shapes', { schema }, async (request) =>
    wholeList(await core.listSecretShapes(callerOf(request)), (shape) => shape),
  );
}

type Ended<T> = Omit<T, 'expiresAt'> & { expiresAt?: number | null };

/** Most rows say no end of their own, and stay the objects that they are. */
function withEnd<T extends { expiresAt?: string | null }>(at: (string | number)[], row: T): Ended<T> {
  const { expiresAt } = row;
  if (expiresAt == null) return row as Ended<T>;
  return { ...row, expiresAt: fromTime(at, expiresAt) };
}

function toWire(recipe: Kept): ImportRecipe {
  const { id, name, algorithm, encoding, shape, hashed, before, after, salt, locator, pepper } = recipe;
  return {
    id,
    name,
    algorithm,
    encoding,
    shape: { ...shape },
    hashed,
    before,
    after,
    salt,
    locator: locator && { ...locator },
    pepper,
    createdAt: toTime(recipe.createdAt),
    createdBy: recipe.createdBy,
  };
}
