// What a source file imports, read with two regular expressions: our formatter writes imports in one way only.

import { posix } from 'node:path';

export interface Import {
  /** As it is written. */
  specifier: string;
  /** The file meant, from the repository's root; null for packages and builtins. */
  file: string | null;
  /** `import type`: gone when the program runs. */
  isType: boolean;
  line: number;
}

const statement = /^(?:import|export)\s+(type\s)?(?:[^'"();]*?\bfrom\s*)?['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** Everything that the text of the file at `path` imports or re-exports, in order. */
export function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (index: number, specifier: string, isType: boolean) => {
    const line = text.slice(0, index).split('\n').length;
    found.push({ specifier, file: fileOf(path, specifier), isType, line });
  };
  for (const match of text.matchAll(statement)) add(match.index, match[2] ?? '', match[1] !== undefined);
  for (const match of text.matchAll(dynamic)) add(match.index, match[1] ?? '', false);
  return found.sort((a, b) => a.line - b.line);
}

/** The name of a package in a specifier: `@scope/name` of `@scope/name/part`. Builtins stay whole. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function fileOf(path: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  const ours = /^@keyward\/(rules|sdk)(?:\/(.+))?$/.exec(specifier);
  return ours === null ? null : `${ours[1]}/src/${ours[2] ?? 'index'}.ts`;
}
