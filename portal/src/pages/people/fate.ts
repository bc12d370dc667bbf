// What becomes of the tokens of a person who is deleted, as requests.

import type { OwnerId } from '@keyward/sdk/wire';
import { ending } from '../access/made-too.tsx';

/** Handed to whoever deletes the person, handed to somebody else, or ended. */
export type Fate = 'me' | 'other' | 'end';

/**
 * The paths to be deleted, one after another. Ending the tokens and ending what the person made are two acts, of which each
 * may be repeated; what is handed on is not ended.
 */
export function deletionsOf(
  path: string,
  fate: Fate | 'none',
  owner: OwnerId | null,
  descendants: boolean,
): readonly string[] {
  if (fate === 'none') return [ending(path, { descendants })];
  if (fate === 'end') return [...(descendants ? [ending(path, { descendants })] : []), `${path}?tokens=end`];
  const to = owner === null ? '' : `${owner.type}:${owner.id}`;
  return [`${path}?tokens=handover&to=${encodeURIComponent(to)}`];
}
