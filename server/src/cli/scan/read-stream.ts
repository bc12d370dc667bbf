// A stream of bytes, such as standard input: looked at as it comes, and not kept.

import type { Readable } from 'node:stream';
import { longestToken } from './find-tokens.ts';
import { findingAt, type Place, type ScanEvents } from './found.ts';
import { placeAfter, start } from './place-in-text.ts';
import { scanStream } from './scan-stream.ts';

/** What is found is at `place`, with its line, column and offset. */
export interface PlacedScan {
  push(bytes: Buffer): void;
}

/** Looks at bytes in pieces and tells where tokens are; of what has gone by the last few bytes alone are kept. */
export function placedScan(where: Pick<Place, 'path' | 'git'>, events: Pick<ScanEvents, 'found'>): PlacedScan {
  const stream = scanStream();
  /** The place of the first byte that is kept, and its offset. */
  let place = start;
  let from = 0;
  let kept = Buffer.alloc(0);
  return {
    push(bytes) {
      for (const { text, at } of stream.push(bytes)) {
        const inKept = Math.min(at - from, kept.length);
        const upToBytes = placeAfter(place, kept.subarray(0, inKept));
        const found = placeAfter(upToBytes, bytes.subarray(0, Math.max(0, at - from - kept.length)));
        events.found(findingAt({ ...where, ...found, offset: at }, text));
      }
      const all = bytes.length >= longestToken ? bytes : Buffer.concat([kept, bytes]);
      const passed = bytes.length >= longestToken ? kept : Buffer.alloc(0);
      const leaving = all.length - Math.min(all.length, longestToken);
      place = placeAfter(placeAfter(place, passed), all.subarray(0, leaving));
      from += passed.length + leaving;
      kept = Buffer.from(all.subarray(leaving));
    },
  };
}

export async function scanReadable(path: string, input: Readable, events: ScanEvents): Promise<void> {
  const scan = placedScan({ path }, events);
  events.file();
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    scan.push(bytes);
    events.scanned(bytes.length);
  }
}
