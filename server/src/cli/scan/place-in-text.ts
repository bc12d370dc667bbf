// Where in a text a byte is: its line and its column, both from 1. Lines end with \n; a column is a character of UTF-8, so that
// editors go there. In what is no text they mean little, and the offset is there.

export interface TextPlace {
  line: number;
  column: number;
}

export const start: Readonly<TextPlace> = { line: 1, column: 1 };

/** The place of the byte that follows these, which begin at `from`. */
export function placeAfter({ line, column }: TextPlace, bytes: Uint8Array): TextPlace {
  let [lines, columns] = [line, column];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === 10) {
      lines += 1;
      columns = 1;
    } else if ((byte & 0xc0) !== 0x80) {
      columns += 1;
    }
  }
  return { line: lines, column: columns };
}
