// Where in a text a byte is: its line and its column, both from 1. Lines end with \n; a column is a character of UTF-8, so that
// editors go there. In what is no text they mean little, and the offset is there.

export interface TextPlace {
  line: number;
  column: number;
}

export const start: Readonly<TextPlace> = { line: 1, column: 1 };

const newline = 10;

/** The place of the byte that follows these, which begin at `from`. */
export function placeAfter(from: Readonly<TextPlace>, bytes: Buffer): TextPlace {
  let [line, column, lineAt] = [from.line, from.column, 0];
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) {
    line += 1;
    column = 1;
    lineAt = at + 1;
  }
  return { line, column: column + charactersIn(bytes, lineAt) };
}

/** In UTF-8 every byte but the continuing ones begins a character. Most text is ASCII, which shows in eight bytes at a time. */
function charactersIn(bytes: Buffer, from: number): number {
  let [at, continuing] = [from, 0];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isAscii = () => ((view.getUint32(at) | view.getUint32(at + 4)) & 0x80808080) === 0;
  while (at < bytes.length) {
    if (at + 8 <= bytes.length && isAscii()) {
      at += 8;
      continue;
    }
    if (((bytes[at] as number) & 0xc0) === 0x80) continuing += 1;
    at += 1;
  }
  return bytes.length - from - continuing;
}
