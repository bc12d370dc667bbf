// A guard for Hono 4: middleware that sets the variable `principal` (`c.get('principal')`). Hono does not know the client's
// address on every runtime: credentials that are bound to addresses need `addressOf`.

import { check, checkOptions, type GuardOptions } from './middleware/guard.ts';
import type { Principal } from './verifier/verdict.ts';
import type { Verifier } from './verifier/verifier.ts';

/** As much of a Hono context as is used. */
export interface GuardedContext {
  req: { method: string; url: string; header(name: string): string | undefined };
  header(name: string, value: string): void;
  set(key: 'principal', value: Principal): void;
}

/** For `new Hono<{ Variables: GuardedVariables }>()`. */
export interface GuardedVariables {
  principal: Principal;
}

/** Middleware that answers refused calls itself, with problem+json, and lets the others go on. */
export function guard<Context extends GuardedContext>(verifier: Verifier, options: GuardOptions<Context> = {}) {
  checkOptions(options);
  return async (context: Context, next: () => Promise<void>): Promise<Response | undefined> => {
    const outcome = await check(verifier, options, {
      // Several Authorization lines are joined by commas here, which no credential survives.
      authorization: context.req.header('authorization'),
      address: options.addressOf?.(context),
      method: context.req.method,
      url: context.req.url,
      proof: context.req.header('dpop'),
    });
    if (outcome.principal === null) {
      const { status, headers, body } = outcome.answer;
      return new Response(body, { status, headers });
    }
    for (const [name, value] of Object.entries(outcome.headers)) context.header(name, value);
    context.set('principal', outcome.principal);
    await next();
    return undefined;
  };
}
