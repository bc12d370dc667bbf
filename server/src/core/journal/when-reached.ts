// Waiting for the journal: a verifier may have heard of a change through another node before this one has.

import { type Awaitable, whenHere } from '../awaitable.ts';
import { KeywardError } from '../errors.ts';
import type { JournalProgress } from './ports.ts';

/**
 * Waits until this node answers by everything up to `cursor`, which a verifier has heard of through another one: it must
 * not be told of a time before that. Throws `unavailable` if the journal does not go so far or cannot be read.
 */
export function whenReached(ports: { subscribers: JournalProgress }, cursor: number): Awaitable<void> {
  return whenHere(ports.subscribers.reaches(cursor), (isReached) => {
    if (!isReached) throw new KeywardError('unavailable', 'The journal does not go as far as that cursor.');
  });
}
