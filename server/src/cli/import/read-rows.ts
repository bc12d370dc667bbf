// The rows of a file, one after the other: CSV with a head line (RFC 4180) or JSON lines, whichever it is. A part of the file at a
// time is in memory, however long it is; a row that cannot be read is told of by its line, and the rest goes on.

import { StringDecoder } from 'node:string_decoder';

export interface Row {
  /** On which it begins, from 1 on. */
  line: number;
  /** By the name of the column; in JSON lines values may be of any type. */
  fields: Readonly<Record<string, unknown>>;
}

export interface Unreadable {
  line: number;
  fault: string;
}

/** Characters of one row. */
export const longestRow = 65_536;

/** `chunks`: the file's bytes, as they come. Where the head line is wrong, that is told of, and nothing more is read. */
export async function* readRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row | Unreadable> {
  let columns: readonly string[] | null = null;
  let isJson: boolean | null = null;
  for await (const { line, text } of records(chunks)) {
    if (text.length > longestRow) {
      yield { line, fault: `The row is longer than ${longestRow} characters.` };
      continue;
    }
    if (text.trim() === '') continue;
    if (text.includes(unreadable)) {
      yield { line, fault: 'The row is not in UTF-8.' };
      if (columns === null && isJson !== true) return;
      continue;
    }
    isJson ??= text.trimStart().startsWith('{');
    if (isJson) yield fromJson(line, text);
    else if (columns !== null) yield fromCells(line, columns, cells(text));
    else {
      columns = (cells(text) ?? []).map((name) => name.trim());
      const fault = faultInHead(columns);
      if (fault === null) continue;
      yield { line, fault };
      return;
    }
  }
}

/** What stands for bytes that are no UTF-8. */
const unreadable = '\ufffd';

function faultInHead(columns: readonly string[]): string | null {
  if (columns.length === 0) return unclosed;
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  return twice === undefined ? null : `The head line names ${JSON.stringify(twice)} twice.`;
}

interface Piece {
  line: number;
  text: string;
}

/** Lines, but for breaks within quotes; JSON has none there, as it escapes them. */
async function* records(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const decoder = new StringDecoder('utf8');
  let [rest, line, begin] = ['', 1, 1];
  let isQuoted = false;
  /** A quote opens where a cell begins, and once more behind one that closes: there two stand for one. */
  let mayOpen = true;
  let isJson: boolean | null = null;
  let isTooLong = false;
  let isFirst = true;
  const take = function* (text: string): Generator<Piece> {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote && isJson !== true) {
        mayOpen = isQuoted || mayOpen;
        isQuoted = !isQuoted && mayOpen;
        continue;
      }
      if (code !== newline) {
        mayOpen = code === comma;
        isJson ??= code === brace ? true : blanks.has(code) ? null : false;
        continue;
      }
      line += 1;
      // What is too long ends with its line, whatever is quoted in it.
      if (isQuoted && !isTooLong && rest.length + at - from <= longestRow) continue;
      yield { line: begin, text: withoutReturn(rest + text.slice(from, at)) };
      [rest, from, begin, isTooLong, isQuoted, mayOpen] = ['', at + 1, line, false, false, true];
    }
    rest += text.slice(from);
    // Of what is too long no more is kept than tells that it is.
    if (rest.length > longestRow + 1) [rest, isTooLong] = [rest.slice(0, longestRow + 2), true];
  };
  for await (const chunk of chunks) {
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    yield* take(isFirst && text.startsWith('\ufeff') ? text.slice(1) : text);
    if (text !== '') isFirst = false;
  }
  yield* take(decoder.end());
  if (rest !== '') yield { line: begin, text: withoutReturn(rest) };
}

const [quote, newline, brace, comma] = [34, 10, 123, 44];
/** Of spaces, tabs and returns before anything else it is not known yet what comes. */
const blanks: ReadonlySet<number> = new Set([32, 9, 13]);

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** The cells of a row; null where its quotes do not close, or something stands behind one. */
export function cells(text: string): string[] | null {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    if (text.charCodeAt(at) === quote) {
      let cell = '';
      for (at += 1; ; ) {
        const end = text.indexOf('"', at);
        if (end < 0) return null;
        cell += text.slice(at, end);
        at = end + 1;
        if (text.charCodeAt(at) !== quote) break;
        cell += '"';
        at += 1;
      }
      found.push(cell);
      if (at < text.length && text[at] !== ',') return null;
    } else {
      const end = text.indexOf(',', at);
      const stop = end < 0 ? text.length : end;
      found.push(text.slice(at, stop));
      at = stop;
    }
    if (at >= text.length) return found;
    at += 1;
  }
}

const unclosed = 'A quote does not close, or something stands behind one.';

function fromCells(line: number, columns: readonly string[], row: readonly string[] | null): Row | Unreadable {
  if (row === null) return { line, fault: unclosed };
  if (row.length !== columns.length) {
    return { line, fault: `The row has ${row.length} cells, and the head line ${columns.length}.` };
  }
  const fields: Record<string, unknown> = Object.create(null);
  for (const [index, name] of columns.entries()) fields[name] = row[index];
  return { line, fields };
}

function fromJson(line: number, text: string): Row | Unreadable {
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
      return { line, fields: fields as Record<string, unknown> };
    }
  } catch {
    // What it says would show a part of the row.
  }
  return { line, fault: 'The line is no JSON object.' };
}
