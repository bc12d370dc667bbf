// Files in UTF-16 that say so by their first two bytes, as some programs on Windows write: half of their bytes are looked at.

import { readSync } from 'node:fs';
import { longestToken } from './find-tokens.ts';
import { type FileScan, findingAt } from './found.ts';
import { placeAfter, start } from './place-in-text.ts';
import { scanStream } from './scan-stream.ts';

/** Which byte of two is the lower one. */
export type Wide = 'first' | 'second';

/** Null for everything but UTF-16 with a byte order mark. */
export function wideIn(bytes: Buffer): Wide | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'first';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'second' : null;
}

export async function scanWide(
  { piece, events, turn }: FileScan,
  path: string,
  file: number,
  wide: Wide,
): Promise<void> {
  const stream = scanStream();
  let place = start;
  let kept = Buffer.alloc(0);
  let offset = 2;
  for (;;) {
    const length = readSync(file, piece, 0, piece.length, offset) & ~1;
    if (length === 0) return;
    const text = Buffer.concat([kept, narrowed(piece.subarray(0, length), wide)]);
    const from = (offset - 2) / 2 - kept.length;
    for (const token of stream.push(text.subarray(kept.length))) {
      const found = placeAfter(place, text.subarray(0, token.at - from));
      events.found(findingAt({ path, ...found, offset: 2 + 2 * token.at }, token.text));
    }
    const passed = text.length - Math.min(text.length, longestToken);
    place = placeAfter(place, text.subarray(0, passed));
    kept = Buffer.from(text.subarray(passed));
    offset += length;
    events.scanned(length);
    await turn();
  }
}

/** No token has a character beyond ASCII; each is one column. */
function narrowed(bytes: Buffer, wide: Wide): Buffer {
  const low = wide === 'first' ? 0 : 1;
  const text = Buffer.allocUnsafe(bytes.length / 2);
  for (let at = 0; at < text.length; at += 1) {
    const byte = bytes[2 * at + low] as number;
    text[at] = bytes[2 * at + 1 - low] === 0 && byte < 0x80 ? byte : 0;
  }
  return text;
}
