// Stamps: what a step was last done for, so that it is not done again. They live in .setup/ and may be deleted any time.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import process from 'node:process';
import { root } from './node.js';

/** True if `name` was last stamped with this fingerprint. */
export function isStamped(name, fingerprint) {
  try {
    return readFileSync(join(root, '.setup', name), 'utf8') === fingerprint;
  } catch {
    return false;
  }
}

export function stamp(name, fingerprint) {
  mkdirSync(join(root, '.setup'), { recursive: true });
  writeFileSync(join(root, '.setup', name), fingerprint);
}

/** A hash of the contents and names of files, and of all files in folders, that `counts` lets through; missing ones are skipped. */
export function fingerprint(paths, counts = () => true) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of paths.flatMap((path) => filesIn(path)).filter(counts)) {
    const content = readFileSync(join(root, file));
    hash.update(`${file.split(sep).join('/')} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function filesIn(path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(join(root, path))
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}
