// Where settings are said: keyward.yaml and the environment. Finds out which settings are given, turns away the ones
// that do not exist, and reads no value.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type * as Yaml from 'yaml';
import { isMap, unknownWord } from './value.ts';

/** What is collected from all sources: later ones replace earlier ones, setting by setting. */
export interface Given {
  settings: Readonly<Record<string, { env: string | null; environmentOnly?: true }>>;
  /** Raw values by setting key. `source` is for messages, `folder` is where relative paths begin. */
  values: Map<string, { value: unknown; source: string; folder: string }>;
  problems: string[];
}

/** Adds what the file says. A YAML parser quotes the line it stumbles over, which may hold a password: it is kept quiet. */
export function takeFile(given: Given, path: string): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = unreadable[code] ?? `cannot be read (${code})`;
    given.problems.push(`The configuration file ${path} ${why}.`);
    return;
  }
  // Most servers have no file, and loading the parser takes longer than all other settings.
  const { LineCounter, parseDocument }: typeof Yaml = createRequire(import.meta.url)('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter });
  for (const { code, pos } of document.errors) {
    const { line, col } = lineCounter.linePos(pos[0]);
    given.problems.push(`${path}, line ${line}, column ${col}: ${yamlFaults[code] ?? 'this is not valid YAML'}.`);
  }
  if (document.errors.length > 0) return;
  try {
    const content: unknown = document.toJS() ?? {};
    if (isMap(content)) takeMap(given, content, '', path);
    else given.problems.push(`${path} must hold settings such as "port: 9000".`);
  } catch {
    given.problems.push(`${path}: an alias (*name) in it has no anchor (&name), or there are too many aliases.`);
  }
}

const unreadable: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this account',
  EPERM: 'may not be read by this account',
  ENOTDIR: 'lies below a file',
  ELOOP: 'is a symbolic link that leads in a circle',
};

/** What the parser's codes mean to somebody who wrote the file. */
const yamlFaults: Readonly<Record<string, string>> = {
  BAD_INDENT: 'this line is indented by too much or too little, or a bracket before it is not closed',
  TAB_AS_INDENT: 'this line is indented with a tab; use spaces',
  DUPLICATE_KEY: 'this setting is there twice',
  MISSING_CHAR: 'a quote, a bracket, a colon or a space is missing here',
  UNEXPECTED_TOKEN: 'this does not belong here; text with special characters needs quotes',
  BAD_SCALAR_START: 'text that begins with this character needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'there are two colons in this line; text with a colon and a space in it needs quotes',
  BLOCK_IN_FLOW: 'a list or map in brackets must go on in brackets',
  MULTILINE_IMPLICIT_KEY: 'the colon of a setting must be in the line of its name',
  MULTIPLE_DOCS: 'a second document begins here (---); there may be one',
  IMPOSSIBLE: 'this is not valid YAML',
  BAD_ALIAS: 'text that begins with * needs quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes must be doubled; or use single quotes',
};

/** Adds what the environment says. Empty variables count as not set. */
export function takeEnvironment(given: Given, environment: NodeJS.ProcessEnv, folder: string): void {
  const keys = new Map(Object.entries(given.settings).map(([key, { env }]) => [env ?? '', key]));
  for (const [name, value] of Object.entries(environment)) {
    const key = keys.get(name);
    // Of other programs' names only those that are settings count.
    if (!value || (key === undefined && !name.startsWith('KEYWARD_'))) continue;
    if (elsewhere.includes(name) || isServiceLink(name, value)) continue;
    if (key !== undefined) given.values.set(key, { value, source: name, folder });
    else given.problems.push(`In the environment ${unknownWord(name, [...keys.keys(), ...elsewhere], 'setting')}`);
  }
}

/** Variables that are ours and not settings of a server: `KEYWARD_TOKEN` is what the SDK's pages call a program's own. */
export const elsewhere: readonly string[] = [
  'KEYWARD_CONFIG',
  'KEYWARD_CREDENTIALS',
  'KEYWARD_MOVE_TO',
  'KEYWARD_PROFILE',
  'KEYWARD_TOKEN',
];

function takeMap(given: Given, map: Readonly<Record<string, unknown>>, prefix: string, path: string): void {
  const known = Object.keys(given.settings);
  for (const [name, value] of Object.entries(map)) {
    const key = prefix + name;
    const setting = Object.hasOwn(given.settings, key) ? given.settings[key] : undefined;
    if (setting && value === null) continue;
    if (setting?.environmentOnly) given.problems.push(`${key} is not read from a file: set ${setting.env} instead.`);
    else if (setting) given.values.set(key, { value, source: path, folder: dirname(path) });
    else if (isMap(value) && known.some((one) => one.startsWith(`${key}.`))) takeMap(given, value, `${key}.`, path);
    else given.problems.push(`${path}: ${unknownWord(key, known, 'setting')}`);
  }
}

// Kubernetes sets KEYWARD_SERVICE_HOST, KEYWARD_PORT=tcp://… and more in every pod beside a service named "keyward".
function isServiceLink(name: string, value: string): boolean {
  if (!name.startsWith('KEYWARD_')) return false;
  return /^KEYWARD_(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP))/.test(name) || /^(tcp|udp):\/\//.test(value);
}
