// Comma-separated values (RFC 4180) that a spreadsheet takes for text and nothing else.

/** A row with its end. A cell that a spreadsheet would calculate begins with an apostrophe (S83). */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

const formulaStarts = new Set(['=', '+', '-', '@', '\t', '\r', '\n', '\uff1d', '\uff0b', '\uff0d', '\uff20']);

function cell(text: string): string {
  const plain = formulaStarts.has(text.charAt(0)) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
