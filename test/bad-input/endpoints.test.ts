// The table of endpoints is the whole server: nothing registered is missing from it, and nothing in it is made up.

import { expect, test } from 'vitest';
import { endpoints, registeredRoutes } from './endpoints.ts';

test('every registered route has a row among the endpoints that are fed bad input, and every row a route', async () => {
  const registered = [...(await registeredRoutes()).keys()].filter((route) => !isImplied(route));
  const rows = endpoints.filter(({ guarded }) => !guarded).map(({ route }) => route);
  expect(rows.toSorted(), 'endpoints/ and what is registered: a new route needs a row there').toEqual(
    registered.toSorted(),
  );
  expect(new Set(rows).size).toBe(rows.length);
});

test('every row with a body has the fields of its schema and no others', async () => {
  const schemas = await registeredRoutes();
  for (const { route, body, dialect } of endpoints) {
    // Forms, which test/wire/oauth2/ tries.
    if (dialect === 'oauth2') continue;
    const schema = schemas.get(route)?.body as { properties?: object; anyOf?: { properties?: object }[] } | undefined;
    const properties = { ...schema?.properties, ...schema?.anyOf?.[0]?.properties };
    const rowless = route === 'POST /v1/access-tokens' ? ['apiToken'] : [];
    expect
      .soft([...Object.keys(body?.(1) ?? {}), ...rowless].toSorted(), `the body of ${route} in endpoints/`)
      .toEqual(expect.arrayContaining(Object.keys(properties).toSorted()));
  }
});

/** HEAD is answered wherever GET is, by the same handler. */
function isImplied(route: string): boolean {
  return route.startsWith('HEAD ') && !/^HEAD \/(healthz|readyz)$/.test(route);
}
