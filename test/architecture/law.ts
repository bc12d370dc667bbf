// The law of the rooms: who may import whom, which packages two of them are limited to, which names are never given,
// and the reason for each. The checker (check.ts) applies it and knows none of it by heart.

import { dialectNames } from '../../server/src/dialects/dialect.ts';

/** The way of a request. Each room may import every one after it; the trace of a call is this list. */
export const way = ['main', 'cli', 'assemble', 'http', 'dialects', 'core', 'rules'] as const;

/** Rooms that stand behind core's ports. They import core (and rules), and only assemble imports them. */
export const behindPorts = ['storage', 'limits', 'passwords', 'chores'] as const;

/** Further arrows: [from, to]. */
export const furtherArrows: readonly (readonly [string, string])[] = [
  ...behindPorts.flatMap((room) => [['assemble', room] as const, [room, 'core'] as const, [room, 'rules'] as const]),
  ['main', 'config'],
  ['cli', 'config'],
  ['assemble', 'config'],
  ['config', 'http'],
  ['config', 'dialects'],
  ['config', 'rules'],
  ['cli', 'sdk'],
  ['sdk', 'rules'],
  ['portal', 'sdk'],
  ['cli', 'examples'],
  ['assemble', 'startup'],
  ['cli', 'startup'],
  ['startup', 'core'],
];

/** Single files that may reach further than their room: [file, file]. */
export const fileArrows: readonly (readonly [RegExp, RegExp])[] = [
  [/^server\/src\/dialects\/native\b/, /^sdk\/src\/wire\b/],
];

/** The parts of core, lowest first: each may import those before it, and core's base files, which import no part. */
export const coreParts = ['caller', 'journal', 'identity', 'credentials', 'tokens', 'checking', 'feed'] as const;

/** The files of core that bring all parts together. No part imports them; the other files beside the parts are its base. */
export const coreTops = ['core.ts', 'ports.ts', 'start-up.ts', 'read-settings.ts'] as const;

/** Why a part of core imports no part above it; printed with every violation. */
export const partReasons: Readonly<Record<string, string>> = {
  base: 'what every part stands on knows none of them',
  caller: 'who asks, and what they may do, comes before anything that they do',
  journal: 'an act is remembered in the same way whatever was done: the journal knows callers, and no noun',
  identity: 'people and organizations stand without what they hold: credentials, tokens and verdicts',
  credentials: 'a credential is kept and ended without knowing what is made from it, or what checks it',
  tokens: 'an access token is made and read without a verdict',
  checking: 'a verdict depends on nobody who follows the feed',
  feed: 'the feed tells of everything below it, and only what brings all parts together stands above',
};

/** How high a file of core stands: 0 for its base, then its parts in order, then what brings them together. Null outside. */
export function heightInCore(path: string): { height: number; name: string } | null {
  const inside = /^server\/src\/core\/(?:([^/]+)\/)?([^/]+)$/.exec(path);
  if (inside === null || isTest(path)) return null;
  const [, part, file = ''] = inside;
  if (part !== undefined) return { height: coreParts.indexOf(part as (typeof coreParts)[number]) + 1, name: part };
  const isTop = (coreTops as readonly string[]).includes(file);
  return isTop ? { height: coreParts.length + 1, name: 'core' } : { height: 0, name: 'base' };
}

/** Why a room imports no more than it does; printed with every violation. */
export const reasons: Readonly<Record<string, string>> = {
  main: 'main turns argv into a command and knows nothing else',
  cli: 'a command asks assemble for the machine, so that no command wires parts together in its own way',
  assemble: 'assemble is the only file that names every concrete part',
  http: 'http is what every language shares; it knows contracts, not databases: http and storage never see one another',
  dialects:
    'a dialect decides words, never who gets in: it sits on the core, and never on another dialect or on a part',
  core: 'core is the law: it must hold without HTTP, SQL, environment or a clock of its own',
  rules: "rules also decide in other people's processes: they are pure and bring nothing with them",
  storage: 'storage answers to the ports of core alone, so that a database can be replaced and nothing else notices',
  limits: 'limits answer to the ports of core alone',
  passwords: 'passwords answer to the port of core alone',
  chores: 'chores act through core like anyone else',
  config: 'config is read before anything is built, so it can lean on no part',
  startup: 'startup is files, their modes, and words for what is wrong with them; it opens no database',
  sdk: "the SDK runs in other people's programs and must bring no server code",
  portal: "the portal runs in people's browsers: of the SDK it knows the wire's types, of the server nothing",
  examples: 'examples are written as a user would write them: from outside',
};

/** The only packages that these rooms import. */
export const onlyPackages: Readonly<Record<string, readonly string[]>> = {
  core: ['jose', 'node:crypto'],
  rules: ['node:crypto'],
};

/** What core and rules never ask for themselves: it is handed to them. */
export const ambient = /\bDate\.now\(|\bnew Date\(\)|\bprocess\.|\bMath\.random\(|\bperformance\./;

/** Languages: files named for one, or for one and a hyphen, are its own. No language imports another's file. */
export const languages = dialectNames;

/** Names that say nothing; a helper that two rooms want is a missing noun. */
export const emptyNames = ['util', 'helper', 'common', 'shared', 'lib', 'service', 'manager'] as const;

/** How long files are: half of the program's, nine tenths of them, and any. */
export const longest = { half: 75, mostFiles: 180, any: 400 } as const;

/** A folder has at most so many source files, tests aside. */
export const mostInFolder = 20;

/** Folders that are a file for each noun: these grow with the nouns. */
export const filePerNoun = /\/(storage|native|wire|words|parts)$/;

/** The room of a file; `outside` for tests and tools, which may import anything; null if it stands in no room. */
export function roomOf(path: string): string | null {
  if (isTest(path) || !/^(rules|sdk|server|portal)\/src\//.test(path))
    return path.startsWith('examples/') ? 'examples' : 'outside';
  const [workspace = '', , first = '', ...deeper] = path.split('/');
  if (workspace !== 'server') return workspace;
  if (deeper.length > 0) return first in reasons ? first : null;

  return ['main.ts', 'assemble.ts'].includes(first) ? first.slice(0, -3) : null;
}

/** Tests, the suites that every kind of a part must pass, and what stands in test/ and bench/. */
export function isTest(path: string): boolean {
  return /\.test(-support)?\.tsx?$|\bconformance(-[a-z-]+)?\.ts$/.test(path) || /^(test|bench)\//.test(path);
}

/** All rooms that a room may import, itself included. */
export function mayImport(room: string): readonly string[] {
  const place = (way as readonly string[]).indexOf(room);
  const along = place < 0 ? [] : way.slice(place);
  return [...new Set([room, ...along, ...furtherArrows.filter(([from]) => from === room).map(([, to]) => to)])];
}
