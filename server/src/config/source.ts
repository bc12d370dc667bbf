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
  // Most servers have no file, and loading the parser takes longer than all other settings.
  const { LineCounter, parseDocument }: typeof Yaml = createRequire(import.meta.url)('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), { prettyErrors: false, lineCounter });
  for (const { code, pos } of document.errors) {
    given.problems.push(`${path}, line ${lineCounter.linePos(pos[0]).line}: this is not valid YAML (${code}).`);
  }
  if (document.errors.length > 0) return;
  const content: unknown = document.toJS() ?? {};
  if (isMap(content)) takeMap(given, content, '', path);
  else given.problems.push(`${path} must hold settings such as "port: 9000".`);
}

/** Adds what the environment says. Empty variables count as not set. */
export function takeEnvironment(given: Given, environment: NodeJS.ProcessEnv, folder: string): void {
  const keys = new Map(Object.entries(given.settings).map(([key, { env }]) => [env ?? '', key]));
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('KEYWARD_') || !value || elsewhere.includes(name) || isServiceLink(name, value)) continue;
    const key = keys.get(name);
    if (key !== undefined) given.values.set(key, { value, source: name, folder });
    else given.problems.push(unknownWord(name, [...keys.keys(), ...elsewhere], 'setting'));
  }
}

/** Variables that are ours and not settings of a server. */
const elsewhere = ['KEYWARD_CONFIG', 'KEYWARD_CREDENTIALS'];

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
  return /^KEYWARD_(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP))/.test(name) || /^(tcp|udp):\/\//.test(value);
}
