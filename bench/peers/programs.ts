// Which of those peers that are programs of their own are on this machine: environment variables say where. Nothing is
// downloaded, and what is not there is left out in plain words.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../keyward.ts';
import { startHydra } from './hydra.ts';
import { startKeycloak } from './keycloak.ts';
import type { Peers } from './peer.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const known = [
  { name: 'Ory Hydra', variable: 'KEYWARD_BENCH_HYDRA', is: 'the hydra binary', file: '', start: startHydra },
  {
    name: 'Keycloak',
    variable: 'KEYWARD_BENCH_KEYCLOAK',
    is: 'the unpacked folder with bin/kc.sh',
    file: join('bin', 'kc.sh'),
    start: startKeycloak,
  },
];

/** A sentence for each that is not measured. */
export function leftOut(environment: Environment): string[] {
  return known
    .filter(({ variable }) => !environment[variable])
    .map(({ name, variable, is }) => `${name} is left out: ${variable} is not set (the path of ${is}).`);
}

/** Throws for a path at which there is no such program. */
export function programsIn(environment: Environment): { start(bench: Bench): Promise<Peers> }[] {
  return known.flatMap(({ name, variable, is, file, start }) => {
    const path = environment[variable];
    if (!path) return [];
    if (!existsSync(join(path, file)))
      throw new Error(`${variable}: there is no ${name} at ${path}. Set it to the path of ${is}, or unset it.`);
    return [{ start: (bench: Bench) => start(bench, path) }];
  });
}
