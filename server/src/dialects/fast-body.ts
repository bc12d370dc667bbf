// The fast path of a route that reads a body. The body is held to the route's own schema, and fails by it as it would behind
// the router; whether there is a fast path for a request is said before its body has come.

import type { FastifyRequest } from 'fastify';
import { type Awaitable, whenHere } from '../core/awaitable.ts';
import type { Answer, FastAnswer, RequestView } from './dialect.ts';

export interface FastBody {
  fastAnswer: FastAnswer;
  /** For the route's handler: the validator is the router's own, which it makes when it is first asked. */
  useValidatorOf(request: Pick<FastifyRequest, 'getValidationFunction'>): void;
}

/** `begin`: what answers once a valid body has come, or null if the request is for the router. */
export function fastBody<Body>(
  begin: (asked: RequestView) => Awaitable<(body: Body) => Awaitable<Answer>> | null,
): FastBody {
  let validate: Validate | undefined;
  return {
    useValidatorOf(request) {
      validate ??= request.getValidationFunction('body');
    },
    fastAnswer(asked) {
      const isValid = validate;
      const begun = isValid === undefined || !isPlainPost(asked) ? null : begin(asked);
      if (isValid === undefined || begun === null) return null;
      return whenHere(begun, (answer) => (body: unknown) => {
        if (isValid(body)) return answer(body as Body);
        const { errors } = isValid as { errors?: unknown };
        throw Object.assign(new Error('The body is not valid.'), { validation: errors, validationContext: 'body' });
      });
    },
  };
}

type Validate = (body: unknown) => boolean;

/** It has a body, no query, and no session beside its credential. */
function isPlainPost({ headers, query }: RequestView): boolean {
  const { cookie, 'content-length': length = '0' } = headers;
  return cookie === undefined && length !== '0' && Object.keys(query as object).length === 0;
}
