// Where a server's time goes: runs one work against a server under Node's profiler, and adds up self time by function
// and by file. It is time of the main thread, waiting for the disk included, so no figure is made of it.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Demo, startDemo } from './keyward.ts';
import { drive } from './load.ts';
import { proxyAddress, type Work } from './works.ts';

interface Frame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

interface Profile {
  nodes: { id: number; callFrame: Frame }[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  place: string;
  /** Microseconds of one request. */
  us: number;
}

/** Self time by function and by file, the most first. What starting and warming up cost is in it, spread thin. */
export async function profile(
  bench: Bench,
  work: (demo: Demo, url: string) => Work | Promise<Work>,
): Promise<{ functions: SelfTime[]; files: SelfTime[] }> {
  const profiles = join(bench.scratch, 'profiles');
  mkdirSync(profiles);
  const folder = join(bench.scratch, 'profiled');
  await (await startDemo(bench, folder)).server.stop();
  const flags = ['--trusted-proxies', proxyAddress];
  const { server, demo } = await startDemo({ ...bench, profiles }, folder, { flags });
  const load = await work(demo, server.url);
  const requests = load.requests * 10;
  await drive({ ...load, url: server.url, requests });
  await server.stop();
  const [file = ''] = readdirSync(profiles);
  const taken = JSON.parse(readFileSync(join(profiles, file), 'utf8'));
  const find = placeFinder();
  return {
    functions: selfTimes(taken, requests, (frame) => `${frame.functionName || '(anonymous)'}  ${find(frame)}`),
    files: selfTimes(taken, requests, (frame) => find(frame).replace(/:\d+$/, '') || frame.functionName),
  };
}

/** Adds up by what `placeOf` says of a frame; idling is left out. */
export function selfTimes(
  { nodes, samples, timeDeltas }: Profile,
  requests: number,
  placeOf: (frame: Frame) => string,
): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const places = new Map<number, string>();
  const spent = new Map<string, number>();
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)' || frame.functionName === '(root)') return;
    const place = places.get(id) ?? placeOf(frame);
    places.set(id, place);
    spent.set(place, (spent.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return [...spent].map(([place, us]) => ({ place, us: us / requests })).toSorted((a, b) => b.us - a.us);
}

/** Names the source of a frame: packages from their name on, our own files as they were before they were bundled. */
function placeFinder(): (frame: Frame) => string {
  const maps = new Map<string, SourceMap | null>();
  return ({ url, lineNumber, columnNumber }) => {
    const known = /node_modules\/(.*)$/.exec(url)?.[1] ?? (url.startsWith('file:') ? undefined : url);
    if (known !== undefined) return known === '' ? '' : `${known}:${lineNumber + 1}`;
    const map = maps.get(url) ?? readMap(url);
    maps.set(url, map);
    const entry = map?.findEntry(lineNumber, columnNumber);
    if (entry === undefined || !('originalSource' in entry))
      return `${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
    return `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}`;
  };
}

function readMap(url: string): SourceMap | null {
  const file = `${fileURLToPath(url)}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : null;
}
