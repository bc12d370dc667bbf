// The law of the rooms and of their parts: who may import whom, which packages two of them are limited to, which names are never given,
// and the reason for each. The checker (check.ts) applies it and knows none of it by heart.

import { dialectNames } from '../../server/src/dialects/dialect.ts';

/** The way of a request. Each room may import every one after it; the trace of a call is this list. */
export const way = ['main', 'cli', 'assemble', 'http', 'dialects', 'core', 'rules'] as const;

/** Rooms that stand behind core's ports. They import core (and rules), and only assemble imports them. */
export const behindPorts = ['storage', 'limits', 'passwords', 'outbound', 'workers', 'chores'] as const;

/** Further arrows: [from, to]. */
export const furtherArrows: readonly (readonly [string, string])[] = [
  ...behindPorts.flatMap((room) => [['assemble', room] as const, [room, 'core'] as const, [room, 'rules'] as const]),
  ['main', 'config'],
  ['cli', 'config'],
  ['assemble', 'config'],
  ['config', 'http'],
  ['config', 'dialects'],
  ['config', 'rules'],
  ['assemble', 'telemetry'],
  ['telemetry', 'http'],
  ['telemetry', 'config'],
  ['cli', 'sdk'],
  ['sdk', 'rules'],
  ['portal', 'sdk'],
  ['portal', 'rules'],
  ['cli', 'examples'],
  ['examples', 'sdk'],
  ['assemble', 'startup'],
  ['cli', 'startup'],
  ['startup', 'core'],
];

/** Single files that may reach further than their room: [file, file]. */
export const fileArrows: readonly (readonly [RegExp, RegExp])[] = [
  [/^server\/src\/dialects\/native\b/, /^sdk\/src\/wire\b/],
];

/** A part of a room: a folder, or the files beside the folders that are named. */
export interface Part {
  name: string;
  /** Its files, where it is no folder; `beside` for all that no other part names. */
  files?: readonly string[] | 'beside';
  /** Why it imports nothing above it; printed with every violation. */
  reason: string;
}

/** The rooms that have parts, and these lowest first: each may import itself and those before it, types included. */
export const orders: Readonly<Record<string, readonly Part[]>> = {
  'server/src/core': [
    { name: 'base', files: 'beside', reason: 'what every part stands on knows none of them' },
    { name: 'caller', reason: 'who asks, and what they may do, comes before anything that they do' },
    {
      name: 'journal',
      reason: 'an act is remembered in the same way whatever was done: the journal knows callers, and no noun',
    },
    {
      name: 'identity',
      reason: 'people and organizations stand without what they hold: credentials, tokens and verdicts',
    },
    {
      name: 'credentials',
      reason: 'a credential is kept and ended without knowing what is made from it, or what checks it',
    },
    {
      name: 'catalogue',
      reason:
        'what can be granted at all is kept without knowing who checks it: of credentials it knows who holds what',
    },
    {
      name: 'import',
      reason:
        'what was made elsewhere is taken over as what is made here, and found before anyone asks what it is good for',
    },
    {
      name: 'assertions',
      reason: 'a token that others signed is read and checked without knowing whose it is, or what it is good for',
    },
    { name: 'tokens', reason: 'an access token is made and read without a verdict' },
    {
      name: 'federation',
      reason: 'outside tokens are judged for the endpoint that makes access tokens of them, and never by a verdict',
    },
    { name: 'checking', reason: 'a verdict depends on nobody who follows the feed' },
    {
      name: 'feed',
      reason: 'the feed tells of everything below it, and only what brings all parts together stands above',
    },
    {
      name: 'recovery',
      reason: 'what a restore does again may be of any part; nobody but what brings all parts together knows of it',
    },
    { name: 'core', files: ['core.ts', 'ports.ts', 'start-up.ts', 'read-settings.ts'], reason: '' },
  ],
  'server/src/http': [
    { name: 'base', files: 'beside', reason: 'what every request meets knows none of the ways that it may take' },
    { name: 'proof', reason: 'which call a proof is for is read off any request, whoever answers it' },
    { name: 'listener', reason: 'a connection is served before anyone knows what is asked on it' },
    { name: 'metrics', reason: 'what is counted is told to the metrics: they know nobody whom they count' },
    { name: 'tracing', reason: 'what a request leaves behind is the same on each of its ways' },
    { name: 'fast-path', reason: 'a check is answered without the gateway, or goes to the router whole' },
    { name: 'gateway', reason: 'guarded routes are served with or without a portal' },
    { name: 'openapi', reason: 'the description is of dialects: it knows nobody who serves them' },
    { name: 'portal', reason: 'only the app, which brings all parts together, stands above' },
    { name: 'app', files: ['app.ts'], reason: '' },
  ],
  'server/src/cli': [
    { name: 'terminal', reason: 'how something is shown and asked knows no command and no server' },
    {
      name: 'installation',
      reason: 'what this machine has of a server is opened by whoever needs it, with or without a sign-in',
    },
    { name: 'session', reason: 'a sign-in is kept without knowing what it is used for' },
    { name: 'client', reason: 'the API is asked in one way, whatever for' },
    { name: 'grammar', reason: 'how commands are made of a table knows none of the tables' },
    { name: 'resources', reason: 'a noun is a table: what works on many nouns stands above it' },
    { name: 'scan', reason: 'what leaked is looked for without knowing what else is asked of a server' },
    {
      name: 'import',
      reason: 'what comes from elsewhere is read and sent without knowing what else is asked of a server',
    },
    { name: 'manifest', reason: 'files that describe a server are held against it by whoever can ask it' },
    { name: 'completion', reason: 'what can be typed is read off the commands, whichever there are' },
    { name: 'demo', reason: 'the demo is data: whoever serves it stands above' },
    { name: 'server', reason: 'what runs and mends a server of this machine knows no other command' },
    { name: 'doctor', reason: 'what looks for faults is asked for by no other command' },
    { name: 'recovery', reason: 'what copies, restores and moves a database is asked for by no other command' },
    { name: 'program', files: 'beside', reason: '' },
  ],
  'sdk/src': [
    { name: 'wire', reason: 'the words of the wire are for whoever speaks it, without a client' },
    { name: 'errors', files: ['errors.ts'], reason: 'what can go wrong is the same in every part' },
    { name: 'client', reason: 'a client exchanges its credential and checks nobody' },
    { name: 'verifier', reason: 'a verifier knows no web framework' },
    { name: 'middleware', reason: 'what guards share is the same for each framework' },
    { name: 'entry', files: 'beside', reason: '' },
  ],
};

/** Where a file stands in its room's order; a null `part` for one that stands in none. Null where a room has no order. */
export function placeInOrder(path: string): { folder: string; height: number; part: Part | null } | null {
  const folder = Object.keys(orders).find((room) => path.startsWith(`${room}/`));
  if (folder === undefined || isTest(path)) return null;
  const parts = orders[folder] ?? [];
  const [first = '', ...deeper] = path.slice(folder.length + 1).split('/');
  const isFolder = deeper.length > 0;
  const named = parts.findIndex(({ name, files }) =>
    isFolder ? files === undefined && name === first : isIn(files, first),
  );
  const height = named >= 0 || isFolder ? named : parts.findIndex(({ files }) => files === 'beside');
  return { folder, height, part: parts[height] ?? null };
}

function isIn(files: Part['files'], name: string): boolean {
  return Array.isArray(files) && files.includes(name);
}

/** Why a room imports no more than it does; printed with every violation. */
export const reasons: Readonly<Record<string, string>> = {
  main: 'main turns argv into a command and knows nothing else',
  cli: 'a command asks assemble for the machine, so that no command wires parts together in its own way',
  assemble: 'assemble alone names every concrete part',
  http: 'http is what every language shares; it knows contracts, not databases: http and storage never see one another',
  dialects:
    'a dialect decides words, never who gets in: it sits on the core, and never on another dialect or on a part',
  core: 'core is the law: it must hold without HTTP, SQL, environment or a clock of its own',
  rules: "rules also decide in other people's processes: they are pure and bring nothing with them",
  storage: 'storage answers to the ports of core alone, so that a database can be replaced and nothing else notices',
  limits: 'limits answer to the ports of core alone',
  passwords: 'passwords answer to the port of core alone',
  outbound:
    'what is read from other servers is judged by core, which asked for it: this room knows addresses and connections',
  workers:
    'a worker tells its supervisor what ports of core say, and the supervisor knows no database: who dies takes nothing along',
  telemetry:
    'telemetry writes down what http tells it, by the contracts of http: nobody waits for it, and but for assemble nobody knows it',
  chores: 'chores act through core like anyone else',
  config: 'config is read before anything is built, so it can lean on no part',
  startup: 'startup is files, their modes, and words for what is wrong with them; it opens no database',
  sdk: "the SDK runs in other people's programs and must bring no server code",
  portal:
    "the portal runs in people's browsers: of the SDK it knows the wire's types, of the rules what a permission covers, of the server nothing",
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
export const filePerNoun = /\/(storage|migrations|native|wire|words|parts|resources)$/;

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
