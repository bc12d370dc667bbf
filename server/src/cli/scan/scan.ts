// `keyward scan`: finds API tokens where they should not be, and ends them if that is asked for. It needs no server; with one it
// says whose they are.

import { resolve } from 'node:path';
import type { LeakOutcome } from '@keyward/sdk/wire';
import { ask, type Client } from '../client/client.ts';
import { type Call, text, type Verb } from '../grammar/noun.ts';
import { note } from '../grammar/show.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { progressOf } from '../terminal/progress.ts';
import { confirmed } from '../terminal/prompt.ts';
import { plain } from '../terminal/terminal.ts';
import { readAllowed } from './allowed.ts';
import type { Finding, ScanEvents, Unread } from './found.ts';
import { scanPaths } from './read-files.ts';
import { scanHistory, scanStaged } from './read-git.ts';
import { scanReadable } from './read-stream.ts';
import { type Format, formats, reportOf, type Scanned } from './reports.ts';
import { reportTo, revoke, type SendReport } from './revoke.ts';
import { whoseAre } from './whose.ts';

export const scan: Verb = {
  name: 'scan',
  summary: 'find API tokens in files, in the history of a repository, or in what is piped in',
  examples: [
    'keyward scan src',
    'keyward scan --git .',
    'git diff | keyward scan -',
    'keyward scan --staged --offline',
    'keyward scan --git . --format sarif > keyward.sarif',
    'keyward scan backup.sql --revoke',
  ],
  arguments: [
    {
      name: 'path',
      help: 'files and folders, or repositories with --git; - is what is piped in; . if left out',
      isOptional: true,
      isMany: true,
    },
  ],
  options: [
    { flag: '--git', help: 'all that any branch, tag or stash of the repository ever held, in place of its files' },
    { flag: '--staged', help: 'what is staged for the next commit, for a hook before it' },
    { flag: '--stdin', help: 'what is piped in, as -' },
    { flag: '--format <format>', help: 'how what was found is printed', choices: formats },
    { flag: '--allow <file>', help: 'public ids of tokens that may stand there, one a line', isMany: true },
    { flag: '--offline', help: 'ask no server whose they are' },
    { flag: '--revoke', help: 'end them, by showing them to the server: their organizations say what becomes of them' },
    { flag: '--url <address>', help: 'the server to show them to, without being signed in' },
  ],
  changes: true,
  destroys: true,
  routes: ['POST /v1/leaks'],
  async run(call) {
    const format = formatOf(call);
    const scanned = await scanAll(call, allowedIn(call));
    const { findings, unread } = scanned;
    const ended = call.options.revoke === true && findings.length > 0 ? await revokeAll(call, findings) : new Map();
    const whose = findings.length === 0 ? new Map() : await askWhose(call, findings);
    call.terminal.output.write(reportOf(call.terminal, format, { ...scanned, ended, whose }));
    if (format === 'text') tellSums(call, scanned);
    for (const { path, why } of unread) {
      call.terminal.errors.write(`${plain(path)} was not looked at: ${plain(why)}.\n`);
    }
    // A leak is what somebody looked for, whatever else there is to say.
    call.outcome.code = findings.length > 0 ? 1 : unread.length > 0 ? 2 : 0;
  },
};

function formatOf(call: Call): Format {
  const given = text(call, 'format') as Format | undefined;
  if (given === undefined) return call.json ? 'json' : 'text';
  if (call.json && given !== 'json')
    throw misuse(`--json and --format ${given} are two ways to print it.`, 'Leave one out.');
  return given;
}

function allowedIn({ options, terminal }: Call): ReadonlySet<string> {
  const files = (options.allow ?? []) as string[];
  return new Set(files.flatMap((file) => [...readAllowed(resolve(terminal.folder, file))]));
}

/** Where it is to look: exactly one kind of place. */
function placesIn({ rest, options }: Call): { kind: 'files' | 'git' | 'staged' | 'stdin'; paths: readonly string[] } {
  const isInput = options.stdin === true || rest.includes('-');
  const asked = { git: options.git === true, staged: options.staged === true, stdin: isInput };
  const kinds = (['git', 'staged', 'stdin'] as const).filter((kind) => asked[kind]);
  if (kinds.length > 1 || (isInput && rest.some((path) => path !== '-'))) {
    throw misuse(
      'One scan looks in one kind of place.',
      'Scan files, --git, --staged and standard input one after the other.',
    );
  }
  // Its end is read by then, on a terminal too.
  if (isInput && options.revoke === true && options.yes !== true && options.dryRun !== true)
    throw misuse('What is scanned comes on standard input, so nobody can be asked.', 'Add --yes if it is meant.');
  return { kind: kinds[0] ?? 'files', paths: rest.length === 0 ? ['.'] : rest };
}

type Found = Omit<Scanned, 'ended' | 'whose'>;

async function scanAll(call: Call, allowed: ReadonlySet<string>): Promise<Found> {
  const { kind, paths } = placesIn(call);
  const { terminal, signal } = call;
  const findings: Finding[] = [];
  const unread: Unread[] = [];
  let [files, bytes] = [0, 0];
  const progress = progressOf(terminal, call.json, { what: 'Scanning', unit: 'MB', total: null });
  const events: ScanEvents = {
    found: (finding) => {
      if (!allowed.has(finding.publicId)) findings.push(finding);
    },
    unread: (one) => unread.push(one),
    scanned: (more) => {
      signal.throwIfAborted();
      bytes += more;
      progress.at(Math.floor(bytes / 1e6));
    },
    file: () => {
      files += 1;
    },
  };
  try {
    if (kind === 'files') await scanPaths(terminal.folder, paths, events);
    else if (kind === 'stdin') await scanReadable('-', terminal.input, events);
    else for (const path of paths) await scanRepository(kind, terminal.folder, path, events);
  } finally {
    progress.end();
  }
  return { findings, unread, files, bytes };
}

async function scanRepository(kind: 'git' | 'staged', base: string, path: string, events: ScanEvents): Promise<void> {
  const look = kind === 'git' ? scanHistory : scanStaged;
  const place = path === '.' ? '' : path;
  const named = (finding: Finding) => ({ ...finding, path: place === '' ? finding.path : `${place}/${finding.path}` });
  try {
    await look(resolve(base, path), { ...events, found: (finding) => events.found(named(finding)) });
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    events.unread({ path, why: error.message.replace(/^fatal: |\.$/g, '') });
  }
}

/** Without a server nobody is asked; one that was named must answer. */
async function askWhose(call: Call, findings: readonly Finding[]) {
  const { options, terminal } = call;
  if (options.offline === true || options.url !== undefined) return new Map();
  const isNamed = ['profile', 'data', 'local', 'config'].some((name) => options[name] !== undefined);
  let client: Client;
  try {
    client = await call.client();
  } catch (error) {
    if (isNamed || !(error instanceof CommandError)) throw error;
    return new Map();
  }
  try {
    return await whoseAre(client, findings);
  } catch (error) {
    if (isNamed || !(error instanceof CommandError)) throw error;
    terminal.errors.write(`Whose they are is not known: ${plain(error.message)}\n`);
    return new Map();
  }
}

async function revokeAll(call: Call, findings: readonly Finding[]) {
  const { terminal, options } = call;
  const count = new Set(findings.map(({ secret }) => secret)).size;
  const url = text(call, 'url');
  const where = url ?? (await call.client()).where;
  const them = count === 1 ? 'the token' : `the ${count} tokens`;
  if (options.dryRun === true) {
    terminal.errors.write(`Would show ${them} to ${where}, which ends them.\n`);
    return new Map();
  }
  await confirmed(terminal, options.yes === true, `Show ${them} to ${where}, so that they end?`);
  return revoke(url === undefined ? sendingTo(await call.client()) : reportTo(url), findings);
}

function sendingTo(client: Client): SendReport {
  return (body) => ask<LeakOutcome>(client, 'POST', '/v1/leaks', { body });
}

function tellSums(call: Call, { findings, files, bytes }: Found): void {
  const tokens = new Set(findings.map(({ publicId }) => publicId)).size;
  const many = (count: number, one: string) => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
  const places = findings.length === tokens ? '' : `, in ${many(findings.length, 'place')}`;
  note(call, `${tokens === 0 ? 'No token' : many(tokens, 'token')}${places}; ${many(files, 'file')}, ${size}.`);
}
