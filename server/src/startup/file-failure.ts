// Why a file or folder cannot be used, in words for a person: from the codes of the operating system. It opens nothing.

import { codeOf, StartupError } from './startup-error.ts';

/**
 * The error for a path that was named by a setting. `what` names both, as `The data folder /srv/x (setting data)`;
 * `instead` says how to name another.
 */
export function fileFailure(error: unknown, what: string, instead: string): StartupError {
  const code = codeOf(error);
  const [why, remedy] = reasons[code] ?? [`cannot be used (${code || 'for an unknown reason'})`, null];
  return new StartupError(`${what} ${why}.`, remedy === null ? instead : `${remedy} ${instead}`, error);
}

const reasons: Readonly<Record<string, readonly [why: string, remedy: string | null]>> = {
  ENOENT: ['does not exist', null],
  ENOTDIR: ['lies below a file', null],
  EEXIST: ['is a file, or lies below one', null],
  EISDIR: ['is a folder, not a file', null],
  EACCES: ['may not be used by this account', 'Give it to the account that runs Keyward (chown, chmod).'],
  EPERM: ['may not be used by this account', 'Give it to the account that runs Keyward (chown, chmod).'],
  EROFS: ['is on a file system that can only be read', 'Mount it for writing.'],
  ENOSPC: ['has no space left on its disk', 'Free some space.'],
  EDQUOT: ['is beyond the disk quota of this account', 'Free some space.'],
  EIO: ['cannot be read or written: its disk reports an error', 'Look at the disk.'],
  ENAMETOOLONG: ['has a name that is too long', null],
  ELOOP: ['is a symbolic link that leads in a circle', null],
  EMFILE: ['cannot be opened: this process has too many files open', 'Raise the limit (ulimit -n).'],
  ENXIO: ['cannot be opened: it is no plain file', null],
};
