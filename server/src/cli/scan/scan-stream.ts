// API tokens in bytes that come in pieces of any size, none of which is kept: what a token may span is looked at over the border.

import { type FoundToken, findTokens, longestToken } from './find-tokens.ts';

export interface ScanStream {
  /** Bytes that follow the ones before; whoever gives them may use them again. Tokens that end in them are answered, in order. */
  push(bytes: Buffer): readonly FoundToken[];
}

const none: readonly FoundToken[] = [];
const border = longestToken - 1;

/** `at` of a token counts from the first byte of all. */
export function scanStream(): ScanStream {
  /** The last bytes, as many as a token may begin in. */
  let tail = Buffer.alloc(0);
  let offset = 0;
  return {
    push(bytes) {
      let found: FoundToken[] | null = null;
      const add = (text: string, at: number) => {
        found ??= [];
        found.push({ text, at });
      };
      if (tail.length > 0) {
        const over = Buffer.concat([tail, bytes.subarray(0, border)]);
        const from = tail.length;
        findTokens(over, ({ text, at }) => {
          if (at < from && at + text.length > from) add(text, offset - from + at);
        });
      }
      findTokens(bytes, ({ text, at }) => add(text, offset + at));
      tail =
        bytes.length >= border
          ? Buffer.from(bytes.subarray(bytes.length - border))
          : Buffer.concat([tail, bytes]).subarray(-border);
      offset += bytes.length;
      return found ?? none;
    },
  };
}
