// Whether a text is ASCII. Every credential is, and whoever turns text into bytes the short way keeps the low byte of each
// character alone: `Ł` (U+0141) would pass for `A`. So this is asked before a text is decoded, digested or looked for.

/** True if each character is one byte of UTF-8, U+0000 to U+007F. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}
