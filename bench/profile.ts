// Where a server's CPU goes: runs one work against a server under Node's profiler, and adds up self time by function.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Demo } from './keyward.ts';
import { type Bench, startDemo } from './keyward.ts';
import { drive } from './load.ts';
import type { Work } from './works.ts';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  place: string;
  ms: number;
  share: number;
}

/** Sends ten times a round's load; what start and filling cost is in it too, and small beside that. */
export async function profile(bench: Bench, work: (demo: Demo) => Work): Promise<SelfTime[]> {
  const profiles = join(bench.scratch, 'profiles');
  mkdirSync(profiles);
  const folder = join(bench.scratch, 'profiled');
  await (await startDemo(bench, folder)).server.stop();
  const { server, demo } = await startDemo({ ...bench, profiles }, folder);
  const load = work(demo);
  await drive({ ...load, url: server.url, requests: load.requests * 10 });
  await server.stop();
  const [file = ''] = readdirSync(profiles);
  return selfTimes(JSON.parse(readFileSync(join(profiles, file), 'utf8')));
}

/** Self time by function, the most expensive first; waiting is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const spent = new Map<string, number>();
  let total = 0;
  samples.forEach((id, index) => {
    const place = places.get(id) ?? '(unknown)';
    if (place === '(idle)' || place === '(root)') return;
    const ms = (timeDeltas[index] ?? 0) / 1000;
    total += ms;
    spent.set(place, (spent.get(place) ?? 0) + ms);
  });
  return [...spent].map(([place, ms]) => ({ place, ms, share: ms / total })).toSorted((a, b) => b.ms - a.ms);
}

function placeOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  const file = /node_modules\/(.*)$/.exec(url)?.[1] ?? /^node:.*$/.exec(url)?.[0] ?? url.split('/').slice(-2).join('/');
  return `${name} ${file}:${lineNumber + 1}`;
}
