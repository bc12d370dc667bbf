// Whether the sealing keys are those of the database: looked at once, before a server changes anything. It opens no key.

import type { Clocked } from '../clock.ts';
import { KeywardError } from '../errors.ts';
import { sealingKeyOf } from '../sealer.ts';
import { isVerifying, type KeySet } from './key-set.ts';
import type { Reading } from './ports.ts';

/**
 * Throws `conflict`, naming the sealing keys that are lacking, if signing keys that still count cannot be opened: with
 * other sealing keys a server would make new ones and refuse all that the others signed.
 */
export async function demandSealingKeys(
  ports: Reading<'signingKeys'> & { keys: Pick<KeySet, 'find' | 'reload'> } & Clocked,
): Promise<void> {
  await ports.keys.reload();
  const now = ports.clock();
  const counting = (await ports.store.signingKeys.list()).filter((record) => isVerifying(record, now));
  const closed = counting.filter(({ kid }) => ports.keys.find(kid, now) === undefined);
  if (closed.length === 0) return;
  const ids = [...new Set(closed.map(({ sealedPrivateJwk }) => sealingKeyOf(sealedPrivateJwk)))];
  throw new KeywardError(
    'conflict',
    `The sealing keys do not fit this database: ${closed.length} of its ${counting.length} signing keys cannot be opened, which ` +
      `were sealed with ${ids.join(', ')}. Put these keys back (secrets.key of the data folder, or KEYWARD_SECRETS); a key ` +
      'that was replaced stays below the new one.',
  );
}
