// The files that somebody named: one, several, all of a folder, or standard input. What is in them is not looked at here.

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { CommandError, misuse } from '../../terminal/command-error.ts';

export interface SourceText {
  /** As it was named, for messages. */
  file: string;
  text: string;
}

/** Every `.yaml` and `.yml` of the folders, in the order of their names, and the files; `-` is standard input. Throws CommandError. */
export async function readFiles(
  paths: readonly string[],
  { folder, input }: { folder: string; input: Readable },
): Promise<SourceText[]> {
  const sources: SourceText[] = [];
  for (const path of paths) {
    if (path === '-') {
      sources.push({ file: 'standard input', text: decoded('Standard input', await wholeOf(input)) });
      continue;
    }
    const whole = isAbsolute(path) ? path : resolve(folder, path);
    const files = isFolder(whole, path) ? filesIn(whole, path) : [path];
    if (files.length === 0) {
      throw misuse(`There is no .yaml or .yml file in ${path}.`, 'Name the folder with your files: -f FOLDER.');
    }
    for (const file of files) {
      const bytes = readOrExplain(file, () => readFileSync(isAbsolute(file) ? file : resolve(folder, file)));
      sources.push({ file, text: decoded(file, bytes) });
    }
  }
  const seen = new Set<string>();
  return sources.filter(({ file }) => !seen.has(file) && seen.add(file));
}

function isFolder(whole: string, path: string): boolean {
  return readOrExplain(path, () => statSync(whole).isDirectory());
}

/** Hidden folders, such as `.git`, are passed over. */
function filesIn(whole: string, shown: string): string[] {
  const entries = readOrExplain(shown, () => readdirSync(whole, { withFileTypes: true }));
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const { name } = entry;
      if (isFolderEntry(entry)) return filesIn(join(whole, name), join(shown, name));
      return /\.ya?ml$/i.test(name) ? [join(shown, name)] : [];
    });
}

/** A link to a folder is not followed: it could lead back here. */
function isFolderEntry(entry: Dirent): boolean {
  return entry.isDirectory();
}

function readOrExplain<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = code === 'ENOENT' ? 'There is no such file or folder.' : `It cannot be read (${code}).`;
    throw new CommandError(`${path}: ${why}`, 'Name a file or a folder with -f.', 2, error);
  }
}

function decoded(file: string, bytes: Buffer): string {
  if (bytes.length > largest) throw misuse(`${file} is larger than 64 MB.`, 'Divide it into several files.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw misuse(`${file} is not text in UTF-8.`, 'Save it as UTF-8.');
  }
}

async function wholeOf(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > largest) break;
  }
  return Buffer.concat(chunks);
}

const largest = 64 * 1024 * 1024;
