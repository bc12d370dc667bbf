// The names that a file of people had so far, over all its batches: one that comes again in other letters, or with another password, is
// not the same row once more. It keeps digests of them alone, so that a long file takes little room.

import { createHash } from 'node:crypto';
import { canonicalUsername } from '../../core/name.ts';
import { CommandError } from '../terminal/command-error.ts';

export interface NamesSeen {
  /** Throws CommandError for a name that an earlier line had, unless it was the same row. */
  saw(row: { line: number; username: string; passwordHash: string }): void;
}

export function createNamesSeen(): NamesSeen {
  /** By name: the line, what was written there, and the password. */
  const seen = new Map<string, [line: number, written: string, password: string]>();
  return {
    saw({ line, username, passwordHash }) {
      const name = digest(canonicalUsername(username));
      const before = seen.get(name);
      const [written, password] = [digest(username), digest(passwordHash)];
      if (before === undefined) seen.set(name, [line, written, password]);
      else if (before[1] !== written) {
        throw new CommandError(
          `username: line ${before[0]} has the same name, as upper and lower case are one here. Give one of them another name.`,
        );
      } else if (before[2] !== password) {
        throw new CommandError(`username: line ${before[0]} has the same name with another password.`);
      }
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 16);
}
