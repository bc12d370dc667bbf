// Files and folders, whatever is in them: every file is read to its end, in pieces. Links are not followed, but for one that was
// named; what is no file (a device, a pipe, a socket) and what cannot be read is told of.

import { closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type FoundToken, findTokens } from './find-tokens.ts';
import { findingAt, type ScanEvents } from './found.ts';
import { placeAfter, start } from './place-in-text.ts';
import { scanStream } from './scan-stream.ts';

const pieceBytes = 1024 * 1024;
const piece = Buffer.allocUnsafe(pieceBytes);
/** So long at most nobody else has a turn. */
const turnMs = 25;

/** Everything at and below these paths. */
export async function scanPaths(paths: readonly string[], events: ScanEvents): Promise<void> {
  const turn = turns();
  for (const path of paths) {
    const isFolder = tryTo(path, events, () => statSync(path).isDirectory());
    if (isFolder === undefined) continue;
    if (!isFolder) await scanFile(path, events, turn, { isNamed: true, isFileThere: true });
    else await scanFolder(path, events, turn);
  }
}

async function scanFolder(top: string, events: ScanEvents, turn: () => Promise<void>): Promise<void> {
  const waiting = [top];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const path = folder;
    const entries = tryTo(path, events, () => readdirSync(path, { withFileTypes: true })) ?? [];
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const below: string[] = [];
    for (const entry of entries) {
      const one = path === '.' ? entry.name : join(path, entry.name);
      if (entry.isDirectory()) below.push(one);
      else if (!entry.isSymbolicLink())
        await scanFile(one, events, turn, { isNamed: false, isFileThere: entry.isFile() });
    }
    waiting.push(...below.reverse());
  }
}

async function scanFile(
  path: string,
  events: ScanEvents,
  turn: () => Promise<void>,
  { isNamed, isFileThere }: { isNamed: boolean; isFileThere: boolean },
): Promise<void> {
  const isFile = isNamed ? tryTo(path, events, () => statSync(path).isFile()) : isFileThere;
  if (isFile === false) events.unread({ path, why: 'it is no file' });
  if (isFile !== true) return;
  // What has become a pipe meanwhile is not waited for.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (isNamed ? 0 : constants.O_NOFOLLOW);
  const file = tryTo(path, events, () => openSync(path, flags));
  if (file === undefined) return;
  try {
    await tryAndWait(path, events, () => scanOpen(path, file, events, turn));
  } finally {
    closeSync(file);
  }
}

async function scanOpen(path: string, file: number, events: ScanEvents, turn: () => Promise<void>): Promise<void> {
  events.file();
  let length = readSync(file, piece, 0, pieceBytes, 0);
  const first = piece.subarray(0, length);
  const encoding = encodingOf(first);
  if (encoding !== null) return scanWide(path, file, encoding, events, turn);
  const found: FoundToken[] = [];
  // Most files are no longer than that, and most have nothing.
  if (length < pieceBytes) {
    findTokens(first, (token) => found.push(token));
    let [place, at] = [start, 0];
    for (const token of found) {
      place = placeAfter(place, first.subarray(at, token.at));
      at = token.at;
      events.found(findingAt({ path, ...place, offset: token.at }, token.text));
    }
    events.scanned(length);
    return turn();
  }
  const stream = scanStream();
  let offset = 0;
  while (length > 0) {
    found.push(...stream.push(piece.subarray(0, length)));
    offset += length;
    events.scanned(length);
    await turn();
    length = readSync(file, piece, 0, pieceBytes, offset);
  }
  let [place, at] = [start, 0];
  for (const token of found.sort((a, b) => a.at - b.at)) {
    while (at < token.at) {
      const count = readSync(file, piece, 0, Math.min(pieceBytes, token.at - at), at);
      if (count === 0) break;
      place = placeAfter(place, piece.subarray(0, count));
      at += count;
      await turn();
    }
    events.found(findingAt({ path, ...place, offset: token.at }, token.text));
  }
}

/** UTF-16 that says so by its first two bytes, as some Windows programs write: half of its bytes are looked at. */
async function scanWide(
  path: string,
  file: number,
  lowByte: 0 | 1,
  events: ScanEvents,
  turn: () => Promise<void>,
): Promise<void> {
  const stream = scanStream();
  let offset = 2;
  let place = start;
  let passed = Buffer.alloc(0);
  for (;;) {
    const length = readSync(file, piece, 0, pieceBytes, offset) & ~1;
    if (length === 0) return;
    const narrow = Buffer.allocUnsafe(length / 2);
    for (let at = 0; at < narrow.length; at += 1) {
      // No token has a character beyond ASCII; each is one column.
      const low = piece[2 * at + lowByte] as number;
      narrow[at] = piece[2 * at + 1 - lowByte] === 0 && low < 0x80 ? low : 0;
    }
    const from = (offset - 2) / 2 - passed.length;
    const text = Buffer.concat([passed, narrow]);
    for (const token of stream.push(narrow)) {
      const found = placeAfter(place, text.subarray(0, token.at - from));
      events.found(findingAt({ path, ...found, offset: 2 + 2 * token.at }, token.text));
    }
    const kept = Math.min(text.length, 128);
    place = placeAfter(place, text.subarray(0, text.length - kept));
    passed = Buffer.from(text.subarray(text.length - kept));
    offset += length;
    events.scanned(length);
    await turn();
  }
}

/** Which byte of two is the lower one; null for everything but UTF-16 with a byte order mark. */
function encodingOf(bytes: Buffer): 0 | 1 | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 0;
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 1 : null;
}

/** Lets others have a turn from time to time, so that progress is seen and an interrupt heard. */
export function turns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < turnMs) return;
    await new Promise<void>((next) => setImmediate(next));
    since = performance.now();
  };
}

function tryTo<T>(path: string, events: ScanEvents, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    events.unread({ path, why: whyOf(error) });
    return undefined;
  }
}

async function tryAndWait(path: string, events: ScanEvents, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    events.unread({ path, why: whyOf(error) });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'there is no such file or folder',
  ELOOP: 'it is a link',
  EIO: 'the disk cannot read it',
  ENXIO: 'it is no file',
};

function whyOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? (code === '' ? message : `it cannot be read (${code})`);
}
