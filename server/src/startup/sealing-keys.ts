// The sealing keys as they are given: where they come from is named when they cannot be read. Their form belongs to core.

import { parseSealingKeys, type SealingKeys } from '../core/sealer.ts';
import { StartupError } from './startup-error.ts';

/** Reads them; `source` is the variable or file that they are from. Throws StartupError, never with a key in it. */
export function readSealingKeys(text: string, source: string): SealingKeys {
  try {
    return parseSealingKeys(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'They cannot be read.';
    throw new StartupError(`The sealing keys in ${source} cannot be used. ${why}`, remedyFor(text, source), error);
  }
}

function remedyFor(text: string, source: string): string {
  const isPath = /^[/~.][^\n]*$/.test(text.trim());
  if (isPath && source === 'KEYWARD_SECRETS') {
    return 'KEYWARD_SECRETS holds the keys themselves and not the name of a file: KEYWARD_SECRETS="$(cat secrets.key)"';
  }
  return source === 'KEYWARD_SECRETS'
    ? 'Set it to the content of a secrets.key, as a first start with SQLite makes one.'
    : 'Put the file back from a backup.';
}
