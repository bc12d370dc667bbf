// Serves the description: the document, and what is made of it for Postman. Each is made when it is first asked for and kept
// as text, so that a server that nobody asks does nothing for it.

import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Dialect } from '../../dialects/dialect.ts';
import type { GuardedRoute } from '../gateway/guarded-route.ts';
import { rulesOf } from '../gateway/route-match.ts';
import { openApiDocument } from './document.ts';
import { postmanCollection, postmanEnvironment } from './postman.ts';

interface Parts {
  dialects: readonly Dialect[];
  guarded: readonly GuardedRoute[];
  /** The server's public address, which may not be known before it listens. */
  url(): string;
}

/** Registers the description's addresses, but for those that a guarded API has under its own. */
export function mountOpenApi(app: FastifyInstance, { dialects, guarded, url }: Parts): void {
  const rules = rulesOf(guarded.filter((route) => route.upstream != null));
  const made: Readonly<Record<string, () => Promise<unknown>>> = {
    '/openapi.json': () => openApiDocument(dialects, url()),
    '/postman.json': async () => postmanCollection(await openApiDocument(dialects, url())),
    '/postman-environment.json': async () => postmanEnvironment(url()),
  };
  for (const [path, make] of Object.entries(made)) {
    if (rules.find('GET', path) !== undefined) continue;
    const text = keptText(make);
    app.get(path, async (request, reply) => {
      const { body, tag } = await text();
      reply.headers({ etag: tag, 'cache-control': 'no-cache' });
      if (request.headers['if-none-match']?.includes(tag) === true) return reply.code(304).send();
      return reply.header('content-type', 'application/json; charset=utf-8').send(body);
    });
  }
}

interface Kept {
  body: string;
  tag: string;
}

function keptText(make: () => Promise<unknown>): () => Promise<Kept> {
  let kept: Promise<Kept> | undefined;
  return () => {
    kept ??= make().then((value) => {
      const body = JSON.stringify(value);
      return { body, tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
    });
    kept.catch(() => {
      kept = undefined;
    });
    return kept;
  };
}
