// A schema is compiled at its first use, so here all of them are: one that is broken must not wait for a request.

import ajvCompiler from '@fastify/ajv-compiler';
import serializerCompiler from '@fastify/fast-json-stringify-compiler';
import Fastify, { type RouteOptions } from 'fastify';
import { expect, test } from 'vitest';
import { allDialects } from '../dialects/all.ts';
import { stubCore } from './app.test-support.ts';
import { createApp } from './app.ts';
import { lazySchemas } from './lazy-schemas.ts';
import { createLogger } from './log.ts';

const validators = ajvCompiler()({}, { customOptions: { allErrors: true } });
const serializers = serializerCompiler()({}, {});

function compile({ method, url, schema = {} }: RouteOptions): number {
  const parts = [schema.body, schema.querystring, schema.params, schema.headers].filter((part) => part !== undefined);
  for (const part of parts) validators({ schema: part } as Parameters<typeof validators>[0]);
  const answers = Object.entries(schema.response ?? {});
  for (const [httpStatus, answer] of answers) {
    serializers({ method: String(method), url, httpStatus, schema: answer });
  }
  return parts.length + answers.length;
}

test('compiles every schema of every language', async () => {
  const routes: RouteOptions[] = [];
  const app = createApp({ core: stubCore(), dialects: allDialects, logger: createLogger('silent') });
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  await app.ready();
  const compiled = routes.map((route) => compile(route));
  expect(compiled.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(50);
  await app.close();
});

test('takes a schema that cannot be compiled for what it is at its first use, not before', async () => {
  const app = Fastify({ schemaController: lazySchemas });
  app.post('/broken', { schema: { body: { type: 'nonsense' } } }, () => 'fine');
  await app.ready();
  const answer = await app.inject({ method: 'POST', url: '/broken', body: {} });
  expect([answer.statusCode, answer.json().message]).toEqual([500, expect.stringContaining('schema is invalid')]);
  await app.close();
});

test('says what is wrong at each use, and forgets what was wrong before', async () => {
  const app = Fastify({ schemaController: lazySchemas });
  app.post('/', { schema: { body: { type: 'object', required: ['a'] } } }, () => 'fine');
  const post = async (body: object) => (await app.inject({ method: 'POST', url: '/', body })).statusCode;
  expect([await post({}), await post({ a: 1 }), await post({})]).toEqual([400, 200, 400]);
  await app.close();
});
