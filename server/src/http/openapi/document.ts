// The description of the whole API as an OpenAPI 3.1 document. It is made of what validates requests and words answers, and
// says nothing that a server does not do.

import about from '../../../package.json' with { type: 'json' };
import { builtInPermissions } from '../../core/caller/built-in-roles.ts';
import type { Dialect } from '../../dialects/dialect.ts';
import { type DescribedOperation, operationOf, pathOf } from './operation.ts';
import { type DescribedRoute, describedRoutes } from './routes.ts';
import { type Json, type SchemaNames, schemaNames } from './schemas.ts';

export interface OpenApiDocument {
  openapi: '3.1.1';
  info: Json;
  servers: readonly { url: string }[];
  tags: readonly { name: string; description: string }[];
  security: readonly Json[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Json; responses: Json; securitySchemes: Json };
}

/** The document of a server that speaks these dialects at `url`; without one, of the server that it is read from. */
export async function openApiDocument(dialects: readonly Dialect[], url = '/'): Promise<OpenApiDocument> {
  const routes = await describedRoutes(dialects);
  const schemas = schemaNames();
  nameSchemas(routes, schemas);
  const securitySchemes = { ...everySchemes, ...(dialects.some(({ name }) => name === 'oauth2') && oauthScheme(url)) };
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    const path = pathOf(route.url);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemas, securitySchemes) };
  }
  const tags = new Map(routes.map(({ tag, language }) => [tag, language.reference.about]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Keyward',
      version: about.version,
      summary: about.description,
      license: { name: about.license, identifier: about.license },
    },
    servers: [{ url }],
    tags: [...tags].map(([name, description]) => ({ name, description })),
    security: [],
    paths,
    components: { ...schemas.components(), securitySchemes },
  };
}

/** Which of the schemes a call takes is with each operation. */
const everySchemes: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token, or an API token that may be used directly.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-keyward',
    description: 'A session of this server’s own pages; what changes something also sends `X-Keyward-Portal: 1`.',
  },
  basic: { type: 'http', scheme: 'basic', description: 'A name and password, or an API token and no password.' },
  apiToken: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'An API token in the scheme `apiToken`: `Authorization: apiToken <token>`.',
  },
  apiTokenInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'apiToken',
    description: 'An API token, where dialect `versio` is on.',
  },
};

/** The scopes are Keyward's own permissions; those of the APIs are in their catalogues. */
function oauthScheme(url: string): Json {
  const tokenUrl = `${url.replace(/\/$/, '')}/oauth/token`;
  return {
    oauth: {
      type: 'oauth2',
      description:
        'An access token for a client, such as an API user or an API token. Without a scope it may do all that they may.',
      flows: { clientCredentials: { tokenUrl, scopes: Object.fromEntries(builtInPermissions) } },
    },
  };
}

function nameSchemas(routes: readonly DescribedRoute[], schemas: SchemaNames): void {
  for (const { tag, language } of routes) {
    const { error, schemas: named = {} } = language.reference;
    schemas.name(`${tag.charAt(0).toUpperCase()}${tag.slice(1)}Error`, error);
    for (const [name, schema] of Object.entries(named)) schemas.name(name, schema);
  }
}
