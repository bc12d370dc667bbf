// What the answer to a request may point to. Made when somebody is refused, and kept, so that refusals that are the same every
// time stay one object each.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defaultApi } from '../core/caller/catalogue.ts';
import type { Core } from '../core/core.ts';
import type { AnswerLinks } from '../dialects/answer-links.ts';
import type { DialectContext } from './dialect-selection.ts';

/** Finds the links for a request's answer: the API is that of the call, or of the one that a proxy asks about. */
export type LinksOf = (request: Pick<DialectContext, 'asked' | 'routeOptions'>) => AnswerLinks;

/** `namesMetadata` is false where OAuth is off: then nobody serves any. */
export function answerLinks(core: Pick<Core, 'resourceMetadataOf'>, namesMetadata: boolean): LinksOf {
  const kept = new Map<string, AnswerLinks>();
  return ({ asked, routeOptions }) => {
    const api = (asked === null ? routeOptions.config?.api : asked.api) ?? defaultApi;
    const resourceMetadata = namesMetadata ? core.resourceMetadataOf(api) : undefined;
    const known = kept.get(api);
    if (known?.resourceMetadata === resourceMetadata && known !== undefined) return known;
    const made = Object.freeze({ resourceMetadata });
    kept.set(api, made);
    return made;
  };
}

/** Gives every request its `links()` (the contract is in dialects/dialect.ts). */
export function decorateWithLinks(app: FastifyInstance, linksOf: LinksOf): void {
  app.decorateRequest('links', function (this: FastifyRequest) {
    return linksOf(this);
  });
}
