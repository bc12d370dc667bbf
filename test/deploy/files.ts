// The files in examples/deploy, as tests read them, and the settings in them held against those that Keyward has.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '../../server/src/config/config.ts';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { root } from '../end-to-end/run.ts';

export const deployFolder = join(root, 'examples', 'deploy');

export function readDeployed(name: string): string {
  return readFileSync(join(deployFolder, name), 'utf8');
}

/** The variables of a file of `NAME=value` lines. */
export function variablesIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

/** The lines of an example with sealing keys in the place of the words that stand for them. */
export function filledIn(text: string): string {
  return text.replace('put-the-sealing-keys-here', generateSealingKeys().trim());
}

/** Reads variables as a start of Keyward would, in an empty folder; throws for a setting that is none or a value that cannot be. */
export function settingsOf(variables: Readonly<Record<string, string>>): Config {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-deploy-'));
  try {
    return loadConfig({}, { ...variables }, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
