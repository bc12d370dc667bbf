// What a scan has found, and what it could not look at. The secret of a token is kept beside what is shown, and never shown.

import { idOf } from '../../core/secret.ts';

/** Where a token was found. */
export interface Place {
  /** A path, as the scan was given it or found it; `-` for what came on standard input. */
  path: string;
  line: number;
  column: number;
  /** In bytes, from 0. */
  offset: number;
  /** Of something in a git repository: the object that holds it, and the first commit that has it, if there is one. */
  git?: { object: string; commit: string | null };
}

export interface Finding extends Place {
  /** The whole token: for the server alone. */
  secret: string;
  /** What may be shown: the prefix and the public id. */
  shown: string;
  publicId: string;
  /** The token's id, as the API has it. */
  id: string;
}

/** Something that could not be looked at. */
export interface Unread {
  path: string;
  why: string;
}

/** What whoever scans is told of. */
export interface ScanEvents {
  found(finding: Finding): void;
  unread(unread: Unread): void;
  /** So many bytes more were looked at. */
  scanned(bytes: number): void;
  /** One file or object more. */
  file(): void;
}

/** What goes through one scan of files. */
export interface FileScan {
  events: ScanEvents;
  /** Where paths begin that do not begin at the root. */
  base: string;
  /** What is read at a time. */
  piece: Buffer;
  /** Lets others have a turn from time to time. */
  turn(): Promise<void>;
}

export function findingAt(place: Place, secret: string): Finding {
  const [prefix = '', publicId = ''] = secret.split('_');
  return { ...place, secret, shown: `${prefix}_${publicId}_…`, publicId, id: idOf(publicId) ?? '' };
}
