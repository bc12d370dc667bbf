// Files and folders, whatever is in them: every file is read to its end, in pieces. Links are not followed, but for one that was
// named; what is no file (a device, a pipe, a socket) and what cannot be read is told of.

import { closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FoundToken, findTokens } from './find-tokens.ts';
import { type FileScan, findingAt, type ScanEvents } from './found.ts';
import { placeAfter, start } from './place-in-text.ts';
import { scanWide, wideIn } from './read-utf16.ts';
import { scanStream } from './scan-stream.ts';

const pieceBytes = 1024 * 1024;
/** So long at most nobody else has a turn. */
const turnMs = 25;

/** Everything at and below these paths. */
export async function scanPaths(base: string, paths: readonly string[], events: ScanEvents): Promise<void> {
  const scan = { events, base, piece: Buffer.allocUnsafe(pieceBytes), turn: turns() };
  for (const path of paths) {
    const there = tryTo(scan, path, () => statSync(resolve(base, path)));
    if (there === undefined) continue;
    if (there.isDirectory()) await scanFolder(scan, path);
    else await scanFile(scan, path, { isFile: there.isFile(), isNamed: true });
  }
}

async function scanFolder(scan: FileScan, top: string): Promise<void> {
  const waiting = [top];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const path = folder;
    const entries = tryTo(scan, path, () => readdirSync(resolve(scan.base, path), { withFileTypes: true })) ?? [];
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const below: string[] = [];
    for (const entry of entries) {
      const one = join(path, entry.name);
      if (entry.isDirectory()) below.push(one);
      else if (!entry.isSymbolicLink()) await scanFile(scan, one, { isFile: entry.isFile(), isNamed: false });
    }
    waiting.push(...below.reverse());
  }
}

async function scanFile(
  scan: FileScan,
  path: string,
  { isFile, isNamed }: { isFile: boolean; isNamed: boolean },
): Promise<void> {
  if (!isFile) {
    scan.events.unread({ path, why: 'it is no file' });
    return;
  }
  // What has become a pipe meanwhile is not waited for.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (isNamed ? 0 : constants.O_NOFOLLOW);
  const file = tryTo(scan, path, () => openSync(resolve(scan.base, path), flags));
  if (file === undefined) return;
  try {
    await scanOpen(scan, path, file);
  } catch (error) {
    scan.events.unread({ path, why: whyOf(error) });
  } finally {
    closeSync(file);
  }
}

async function scanOpen(scan: FileScan, path: string, file: number): Promise<void> {
  const { piece, events, turn } = scan;
  let length = readSync(file, piece, 0, pieceBytes, 0);
  events.file();
  const first = piece.subarray(0, length);
  const wide = wideIn(first);
  if (wide !== null) return scanWide(scan, path, file, wide);
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
  for (let offset = 0; length > 0; length = readSync(file, piece, 0, pieceBytes, offset)) {
    found.push(...stream.push(piece.subarray(0, length)));
    offset += length;
    events.scanned(length);
    await turn();
  }
  if (found.length > 0) await placeAll(scan, path, file, found);
}

/** Lines are counted where there is something to tell, in a second reading. */
async function placeAll(
  { piece, events, turn }: FileScan,
  path: string,
  file: number,
  found: FoundToken[],
): Promise<void> {
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

/** Lets others have a turn from time to time, so that progress is seen and an interrupt heard. */
function turns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < turnMs) return;
    await new Promise<void>((next) => setImmediate(next));
    since = performance.now();
  };
}

function tryTo<T>({ events }: FileScan, path: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    events.unread({ path, why: whyOf(error) });
    return undefined;
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

/** In words; rethrows what the file is not to blame for. */
function whyOf(error: unknown): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  return reasons[code] ?? `it cannot be read (${code})`;
}
