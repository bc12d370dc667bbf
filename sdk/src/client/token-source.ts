// The access token that a client holds: got by one exchange however many calls wait for it, used again, and replaced
// before it ends. It knows how to ask for one, not what calls are made with it.

import { createSingleFlight } from '@keyward/rules/single-flight';
import { KeywardError } from '../errors.ts';
import type { TokenExchange } from './exchange.ts';

export interface TokenSource {
  /** A token that is good as far as is known. Rejects with KeywardError if none can be had. */
  current(): Promise<string>;
  /** Says that the server did not accept `token`: the next `current` is another one. False, and it is kept, after `spare`. */
  reject(token: string): boolean;
  /** Says that a fresh token was not accepted either: the fault is not the token's, and for a while none is replaced. */
  spare(): void;
}

interface Held {
  token: string;
  renewAt: number;
  endsAt: number;
}

/** A token is renewed when a tenth of its life is left, or a minute. */
const renewalShare = 0.1;
const longestRenewalMs = 60_000;
/** Of a token that says nothing of its end. */
const assumedLifetimeMs = 300_000;
/** A refused exchange is not tried again before: a wrong password is not to look like guessing. */
const pauseMs = 1000;

/** `ask` makes one exchange and gives its answer's JSON. */
export function createTokenSource(
  way: TokenExchange,
  ask: () => Promise<Record<string, unknown>>,
  clock: () => number,
): TokenSource {
  let held: Held | null = null;
  const exchanges = createSingleFlight<string>();
  let sparedUntil = Number.NEGATIVE_INFINITY;
  let failure: { error: unknown; until: number } | null = null;

  async function exchange(): Promise<string> {
    const askedAt = clock();
    try {
      const { token, expiresAt } = way.read(await ask());
      if (typeof token !== 'string' || token === '') {
        throw new KeywardError('unexpected_answer', 'The answer to the exchange holds no access token.');
      }
      held = heldFrom(token, expiresAt, askedAt);
      failure = null;
      return token;
    } catch (error) {
      failure = { error, until: clock() + pauseMs };
      throw error;
    }
  }

  function renew(): Promise<string> {
    if (failure !== null && clock() < failure.until) return Promise.reject(failure.error);
    return exchanges.join('token', exchange);
  }

  return {
    current() {
      const now = clock();
      if (held === null || now >= held.endsAt) return renew();
      // The one that is held is good still: nobody waits, and a failure is the concern of a later call.
      if (now >= held.renewAt) renew().catch(() => {});
      return Promise.resolve(held.token);
    },
    reject(token) {
      if (clock() < sparedUntil) return false;
      if (held?.token === token) held = null;
      return true;
    },
    spare() {
      sparedUntil = clock() + pauseMs;
    },
  };
}

/**
 * The life of a JWT is what its claims say, however the clocks of both sides differ; counted from before it was asked for.
 */
function heldFrom(token: string, expiresAt: number | null, askedAt: number): Held {
  const said = expiresAt === null || Number.isNaN(expiresAt) ? assumedLifetimeMs : expiresAt - askedAt;
  const lifetimeMs = lifetimeIn(token) ?? said;
  const endsAt = askedAt + lifetimeMs;
  return { token, endsAt, renewAt: endsAt - Math.min(longestRenewalMs, lifetimeMs * renewalShare) };
}

function lifetimeIn(token: string): number | null {
  const [, payload = '', ...rest] = token.split('.');
  if (rest.length !== 1) return null;
  try {
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof iat === 'number' && typeof exp === 'number' ? (exp - iat) * 1000 : null;
  } catch {
    return null;
  }
}
