// What machines ask without a credential: does it listen, can it decide, which keys does it sign with. It says no more
// than that and how many routes lack their plan or API: which ones, and why checks cannot be made, is for the log.

import type { FastifyInstance, RouteHandler } from 'fastify';
import type { Core } from '../core/core.ts';
import { KeywardError } from '../core/errors.ts';
import type { Outages } from './unavailable-log.ts';

/** A guarded route that cannot be served right now, and the plan or the API that it lacks. */
export type UnavailableRoute = { path: string; plan: string } | { path: string; api: string };

const readyDeadlineMs = 2_000;

/**
 * Registers `/healthz`, `/readyz` (200 or 503, asked with GET or HEAD) and the public key set (RFC 7517 section 5).
 * Routes that lack their plan or API are counted at `/readyz` and leave it at 200: all others are served. Probes come every
 * few seconds, so the log has a line when readiness ends and one when it is back.
 */
export function mountHealth(
  scope: FastifyInstance,
  core: Pick<Core, 'publicKeys' | 'ready'>,
  unavailableRoutes: () => readonly UnavailableRoute[] = () => [],
  outages?: Outages,
): void {
  let missed = 0;
  const probe = (url: string, handler: RouteHandler) =>
    scope.route({ method: ['GET', 'HEAD'], url, config: { plain: true }, handler });
  probe('/healthz', async () => ({ status: 'ok' }));
  probe('/readyz', async (request, reply) => {
    try {
      await withinDeadline(core.ready());
      const unavailable = unavailableRoutes().length;
      if (missed > 0) request.log.info({ probes: missed }, 'ready again');
      missed = 0;
      return { status: 'ready', ...(unavailable > 0 && { unavailable: inWords(unavailable) }) };
    } catch (error) {
      const isDatabaseAway = error instanceof KeywardError && error.detail.isDatabaseAway === true;
      if (outages !== undefined && isDatabaseAway) {
        outages.failed(error);
      } else {
        if (missed === 0) request.log.warn({ reqId: request.id, err: error }, 'not ready; further probes are counted');
        missed += 1;
      }
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
  scope.get('/.well-known/jwks.json', async (request, reply) => {
    const set = await core.publicKeys(cursorIn(request.query));
    return reply
      .header('cache-control', 'public, max-age=300')
      .header('content-type', 'application/jwk-set+json')
      .send(Buffer.from(JSON.stringify(set)));
  });
}

function inWords(routes: number): string {
  return routes === 1
    ? '1 route lacks its plan or API; the log names it'
    : `${routes} routes lack their plans or APIs; the log names them`;
}

/** What verifiers say that they have heard of. Anything else, such as what a cache is told apart by, says nothing. */
function cursorIn(query: unknown): number | undefined {
  const { cursor } = (query ?? {}) as { cursor?: unknown };
  return typeof cursor === 'string' && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}

function withinDeadline(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Readiness was not known in time.')), readyDeadlineMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
