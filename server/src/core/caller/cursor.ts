// Positions in lists as the text that clients hand back: authenticated, and bound to the organization and the list.

import { invalid } from '../errors.ts';
import type { Position } from '../page.ts';
import type { Sealer } from '../sealer.ts';
import type { Caller } from './caller.ts';

/** A position as the text that clients hand back: authenticated and bound to the organization and the list (S82). */
export function sealCursor(
  ports: { sealer: Pick<Sealer, 'mac'> },
  caller: Caller,
  list: string,
  position: Position,
): string {
  const text = Buffer.from(JSON.stringify([position.key, position.id])).toString('base64url');
  return `${text}.${ports.sealer.mac('cursor', boundText(caller, list, text))}`;
}

/** The position of a cursor that this server made for this list. Throws `invalid_request` for any other text. */
export function openCursor(
  ports: { sealer: Pick<Sealer, 'checkMac'> },
  caller: Caller,
  list: string,
  cursor: string,
): Position {
  const [text = '', mac = '', ...rest] = cursor.split('.');
  if (rest.length > 0 || !ports.sealer.checkMac('cursor', boundText(caller, list, text), mac)) {
    throw invalid(['query', 'cursor'], 'This cursor is not one that this list gave out. Start again without it.');
  }
  const [key, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string | number, string];
  return { key, id };
}

function boundText(caller: Caller, list: string, text: string): string {
  return JSON.stringify([caller.organization.id, list, text]);
}
