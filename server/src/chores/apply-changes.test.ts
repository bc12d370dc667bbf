// What a node does at a change whose plans or keys do not load: it tries again, and tells whoever counts.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeywardError } from '../core/errors.ts';
import type { JournalEntry } from '../core/journal/entry.ts';
import { applyChanges } from './apply-changes.ts';
import { createOutageLog } from './outage-log.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('leaves one line for a database that is away, however often plans and keys are asked for meanwhile', async () => {
  const lines: string[] = [];
  const line = (_fields: object, message: string) => void lines.push(message);
  const log = { warn: line, info: line, error: line };
  let isAway = true;
  let tries = 0;
  const reload = async () => {
    tries += 1;
    if (isAway) throw new KeywardError('unavailable', 'The database cannot be used right now.');
  };
  const outages = createOutageLog({ ping: reload, now: () => 0, log });
  const told: (Promise<unknown> | undefined)[] = [];
  const changes = applyChanges({
    credentials: { apply: () => undefined, clear: () => undefined },
    digests: { startOver: () => undefined },
    keys: { reload },
    plans: { reload },
    imported: { reload: async () => undefined },
    apis: { reload },
    head: null,
    revoked: { reload },
    limits: () => ({ wasReset: () => undefined }),
    subscribers: () => ({ apply: (_entries, loaded) => void told.push(loaded), startOver: () => undefined }),
    stopping: new AbortController().signal,
    failed: outages.failed,
    logger: log,
  });
  const entries = ['plan', 'signing_key', 'api'].map((type) => ({ subject: { type } }) as JournalEntry);
  changes.apply(entries);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tries).toBeGreaterThan(10);
  expect(lines).toEqual([expect.stringMatching(/^the database is away/)]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(2_000);
  await told[0];
  expect(lines.slice(1)).toEqual(['the database is back']);
  outages.close();
});
