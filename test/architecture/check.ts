// Applies the law (law.ts) to source files and says what breaks it, and why that matters. A pure function, so that it is
// itself tested on made-up files.

import { type Import, importsOf, packageOf } from './import.ts';
import {
  ambient,
  emptyNames,
  fileArrows,
  filePerNoun,
  isTest,
  languages,
  longest,
  mayImport,
  mostInFolder,
  onlyPackages,
  orders,
  placeInOrder,
  reasons,
  roomOf,
} from './law.ts';

export interface SourceFile {
  /** From the repository's root, with `/`. */
  path: string;
  text: string;
}

/** The packages that each workspace declares, by its folder. */
export type Declared = Readonly<Record<string, readonly string[]>>;

/** Everything that breaks the law, one line each. */
export function violations(files: readonly SourceFile[], declared: Declared): string[] {
  const sources = files.map((file) => ({ ...file, imports: importsOf(file.path, file.text) }));
  return [
    ...sources.flatMap((file) => [
      ...wrongRoom(file),
      ...wrongImports(file),
      ...wrongParts(file),
      ...wrongPackages(file, declared),
    ]),
    ...files.flatMap((file) => [...wrongName(file), ...wrongStyle(file)]),
    ...cycles(sources),
    ...tooFull(files),
    ...tooLong(files),
  ];
}

interface Source extends SourceFile {
  imports: Import[];
}

function wrongRoom({ path }: SourceFile): string[] {
  return roomOf(path) === null
    ? [
        `${path} stands in no room: the map in CONTRIBUTING.md lists them, and test/architecture/law.ts the new ones too.`,
      ]
    : [];
}

function wrongImports({ path, imports }: Source): string[] {
  const room = roomOf(path);
  if (room === null || room === 'outside') return [];
  return imports.flatMap(({ file, line }) => {
    if (file === null || file.endsWith('.json')) return [];
    const at = `${path}:${line} imports ${file}`;
    if (isTest(file)) return [`${at}: a test is never part of the program.`];
    if (fileArrows.some(([from, to]) => from.test(path) && to.test(file))) return [];
    const [here, there] = [languageOf(path), languageOf(file)];
    const isForeignLanguage = here !== null && there !== null && here !== there;
    const target = roomOf(file);
    const isAllowed = target !== null && mayImport(room).includes(target);
    if (isAllowed && !isForeignLanguage) return [];
    return [`${at}, but ${room} may import only ${mayImport(room).join(', ')}. Reason: ${reasons[room]}.`];
  });
}

/** Imports of a higher part of the same room, types included. */
function wrongParts({ path, imports }: Source): string[] {
  const from = placeInOrder(path);
  if (from === null) return [];
  const { folder, part, height } = from;
  if (part === null) {
    const parts = orders[folder]?.filter(({ files }) => files === undefined).map(({ name }) => name);
    return [`${path} stands in no part of ${folder}: they are ${parts?.join(', ')}.`];
  }
  return imports.flatMap(({ file, line }) => {
    const to = file === null ? null : placeInOrder(file);
    if (to === null || to.folder !== folder || to.height <= height) return [];
    return [`${path}:${line} imports ${file}, which stands above ${part.name}. Reason: ${part.reason}.`];
  });
}

function languageOf(path: string): string | null {
  const name = /^server\/src\/dialects\/([a-z0-9]+)/.exec(path)?.[1];
  return languages.find((language) => language === name) ?? null;
}

function wrongPackages({ path, imports }: Source, declared: Declared): string[] {
  const room = roomOf(path);
  if (room === null || room === 'outside' || room === 'examples') return [];
  const workspace = path.split('/', 1)[0] ?? '';
  return imports.flatMap(({ specifier, file, isType, line }) => {
    if (file !== null) return [];
    const name = packageOf(specifier);
    const only = onlyPackages[room];
    const at = `${path}:${line} imports ${name}`;
    if (only !== undefined && !only.includes(name)) {
      return [`${at}, but ${room} imports only ${only.join(', ')}. Reason: ${reasons[room]}.`];
    }
    if (isType || name.startsWith('node:') || declared[workspace]?.includes(name)) return [];
    return [`${at}, which ${workspace}/package.json does not list: whoever installs the package would not get it.`];
  });
}

function wrongName({ path }: SourceFile): string[] {
  const words = path.split('/').map((part) => (part.split('.', 1)[0] ?? '').split('-').at(-1)?.replace(/s$/, ''));
  const empty = emptyNames.find((name) => words.includes(name));
  return empty === undefined
    ? []
    : [`${path}: "${empty}" says nothing. A helper that two rooms want is a missing noun.`];
}

function wrongStyle({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  const body = text.replace(/^#!.*\n/, '');
  const code = body.replace(/^\s*(\/\/|\/?\*).*$/gm, '');
  if (!/^\/[/*]/.test(body)) found.push(`${path} does not open with a comment that says what it is for.`);
  if (/^export default\b/m.test(code) && !path.endsWith('.config.ts')) {
    found.push(`${path} has a default export: a thing has one name, wherever it is imported.`);
  }
  if (/^\s*(?:export )?(?:declare )?(?:const )?enum \w/m.test(code)) {
    found.push(`${path} has an enum, which type stripping cannot remove: use a union of texts.`);
  }
  for (const [, name, parent = ''] of code.matchAll(/^\s*(?:export )?(?:abstract )?class (\w+)(?: extends (\w+))?/gm)) {
    if (!parent.endsWith('Error')) found.push(`${path}: class ${name} is no error. Functions over plain data, please.`);
  }
  const room = roomOf(path);
  const taken = room === 'core' || room === 'rules' ? ambient.exec(code)?.[0] : undefined;
  if (taken !== undefined) found.push(`${path} asks for ${taken} itself. Reason: ${reasons[room ?? '']}.`);
  return found;
}

/** Files that import one another, for types too: neither can be read, moved or understood without the other. */
function cycles(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(`Circular import: ${[...trail.slice(start), path].join(' → ')}.`);
    if (start >= 0 || done.has(path)) return;
    for (const { file } of targets.get(path) ?? []) if (file !== null) visit(file, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return found;
}

function tooLong(files: readonly SourceFile[]): string[] {
  const lengthOf = ({ text }: SourceFile) => text.trimEnd().split('\n').length;
  const sources = files.filter(({ path }) => !isTest(path) && /^(rules|sdk|server|portal)\/src\//.test(path));
  const lengths = sources.map(lengthOf).sort((a, b) => a - b);
  const at = (part: number) => lengths[Math.floor(lengths.length * part)] ?? 0;
  return [
    ...wherePast(longest.half, at(0.5), 'Half of the source files have'),
    ...wherePast(longest.mostFiles, at(0.9), 'A tenth of the source files have'),
    ...sources.flatMap((file) => wherePast(longest.any, lengthOf(file), `${file.path} has`)),
  ];
}

/** Folders that nobody can take in at a look, but for those that are a file for each noun. */
function tooFull(files: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    if (isTest(path)) continue;
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > mostInFolder && !filePerNoun.test(folder))
    .map(([folder, count]) => `${folder} has ${count} source files; ${mostInFolder} is the mark: which parts has it?`);
}

function wherePast(mark: number, lines: number, who: string): string[] {
  return lines <= mark ? [] : [`${who} ${lines} lines or more; ${mark} is the mark: what does it hold two of?`];
}
