// What the routes are that make something, a new secret or key among it: with an `Idempotency-Key` it is made once however
// often they are asked, and each time answered the same.

import { replayedHeader } from '@keyward/sdk/wire';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { callerOf, type NativeCaller } from './caller.ts';

type CreatingRequest = Pick<FastifyRequest, 'getDecorator' | 'headers' | 'method' | 'originalUrl' | 'body'>;

/**
 * The body of the answer to a request that makes something, and headers that go with it. `act` makes it in one change,
 * which resolves to the same; `toWire` says the same of it each time.
 */
export async function created<T, W>(
  core: Pick<Core, 'answerOnce'>,
  request: CreatingRequest,
  act: (caller: NativeCaller) => Promise<T>,
  toWire: (made: T) => W,
): Promise<{ body: W; headers: Record<string, string> }> {
  const caller = callerOf(request);
  const key = keyIn(request.headers['idempotency-key']);
  if (key === null) return { body: toWire(await act(caller)), headers: {} };
  const content = JSON.stringify([request.method, request.originalUrl, request.body ?? null]);
  const { answer, isRepeated } = await core.answerOnce(
    caller,
    { key, content },
    act as (caller: Caller) => Promise<unknown>,
    toWire as (made: unknown) => unknown,
  );
  return { body: answer as W, headers: isRepeated ? { [replayedHeader]: 'true' } : {} };
}

/** Two keys arrive as one text with a blank in it. */
function keyIn(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw invalid(
    ['headers', 'idempotency-key'],
    'Idempotency-Key is one text of 1 to 255 visible ASCII characters without blanks, such as a UUID.',
  );
}
