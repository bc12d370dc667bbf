// What is promised of the description as a text: that it is whole, and that whoever adds an endpoint cannot leave it out.

import { expect, test } from 'vitest';
import { allDialects } from '../../dialects/all.ts';
import { failuresOf } from './answers.ts';
import { openApiDocument } from './document.ts';
import { describedRoutes } from './routes.ts';

const [routes, document] = await Promise.all([describedRoutes(allDialects), openApiDocument(allDialects)]);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

test.each(routes.map((route) => [`${route.method} ${route.url}`, route] as const))(
  '%s is described by its language',
  (name, route) => {
    expect(route.operation, `reference.operations of ${route.tag} has no ${name}`).toBeDefined();
  },
);

test('nothing is described that does not exist', () => {
  const there = new Set(routes.map(({ method, url }) => `${method} ${url}`));
  for (const { name, reference } of allDialects) {
    for (const one of Object.keys(reference.operations)) expect(there, `${name}: ${one}`).toContain(one);
  }
});

test.each(routes.map((route) => [`${route.method} ${route.url}`, route] as const))(
  '%s has a schema of all that it takes and gives',
  (_, { method, url, schema, operation, tag }) => {
    const parameters = [...url.matchAll(/:(\w+)/g)];
    if (parameters.length > 0) expect(schema.params, 'a schema for the path').toBeDefined();
    if (tag === 'native') expect(schema.querystring, 'a schema for the query').toBeDefined();
    const takesBody = method !== 'GET' && !(operation?.credential === 'basic') && method !== 'DELETE';
    if (takesBody) expect(schema.body, 'a schema for the body').toBeDefined();
    const given = { ...(schema.response as object | undefined), ...operation?.answers };
    expect(
      Object.keys(given).some((status) => Number(status) < 400),
      'a schema for its answer',
    ).toBe(true);
  },
);

test('every operation has a name fit for generators, its tag, its security and its failures', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const { name, operation } of operations) {
    expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z0-9]*$/);
    expect(operation.summary, name).toMatch(/^[A-Z][^.]*$/);
    expect(tags, name).toContain(operation.tags[0]);
    expect(Array.isArray(operation.security), name).toBe(true);
    expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['400', '414', '431', '500', '503']));
  }
});

test('whoever needs a credential is told how it is refused', () => {
  for (const route of routes) {
    if (route.operation?.credential !== 'none') expect(failuresOf(route), route.url).toContain('unauthenticated');
  }
});

test('an endpoint that no one has described is in the document all the same, under a name of its own', async () => {
  const [native] = allDialects;
  if (native === undefined) throw new Error('There is no dialect.');
  const mount: typeof native.mount = (scope) => {
    scope.get('/v1/things/:id', () => null);
  };
  const { paths } = await openApiDocument([{ ...native, mount }]);
  expect(paths['/v1/things/{id}']?.get).toMatchObject({
    operationId: 'getV1ThingsId',
    security: [{ bearer: [] }, { session: [] }],
  });
});
