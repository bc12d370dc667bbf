// Makes tokens and revokes them, through one node after the other, and notes what was acknowledged. What is not answered
// is not judged: it may have happened or not.

import { setTimeout as pause } from 'node:timers/promises';
import type { Acknowledged } from '../faults/losses.ts';
import type { Bed } from './bed.ts';
import { type Bearer, nowMs } from './messages.ts';

export interface Changes {
  acknowledged: Acknowledged[];
  /** Acknowledged revocations. */
  revocations(): number;
  /** From now on a change is held back; resolves when none is under way. */
  hold(): Promise<void>;
  release(): void;
  stop(): Promise<void>;
}

export function startChanges({ nodes, callers, bearer }: Bed): Changes {
  const acknowledged: Acknowledged[] = [];
  let isOver = false;
  let isHeld = false;
  let underWay = 0;
  let revocations = 0;
  let at = 0;
  const change = async <T>(path: string, body?: object): Promise<T | null> => {
    while (isHeld) await pause(5);
    at += 1;
    underWay += 1;
    try {
      const answer = await fetch(`${nodes[at % nodes.length]?.url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${bearer}`,
          'x-forwarded-proto': 'https',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(15_000),
      });
      const text = await answer.text();
      if (answer.status >= 300) return null;
      return text === '' ? ({} as T) : (JSON.parse(text) as T);
    } catch {
      return null;
    } finally {
      underWay -= 1;
    }
  };
  const work = async () => {
    while (!isOver) {
      const made = await change<{ token: { id: string }; secret: string }>('/v1/tokens', {
        permissions: ['read:funds'],
      });
      if (made === null) {
        await pause(20);
        continue;
      }
      const one: Bearer = { id: made.token.id, secret: made.secret };
      acknowledged.push({ action: 'api_token.created', id: one.id });
      for (const caller of callers) caller.tell({ type: 'watch', bearer: one });
      await pause(300);
      const revoked = await change(`/v1/tokens/${one.id}/deactivate`);
      if (revoked === null) {
        for (const caller of callers) caller.tell({ type: 'forget', id: one.id });
        continue;
      }
      const now = nowMs();
      revocations += 1;
      acknowledged.push({ action: 'api_token.deactivated', id: one.id });
      for (const caller of callers) caller.tell({ type: 'revoked', id: one.id, at: now });
    }
  };
  const working = Promise.all([work(), work(), work(), work()]);
  return {
    acknowledged,
    revocations: () => revocations,
    async hold() {
      isHeld = true;
      while (underWay > 0) await pause(5);
    },
    release: () => {
      isHeld = false;
    },
    async stop() {
      isOver = true;
      isHeld = false;
      await working;
    },
  };
}
