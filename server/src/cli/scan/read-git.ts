// A git repository's history: every commit, tag, folder and file that any branch, tag or stash reaches, each once however many
// commits have it; or what is staged for the next commit. It asks git itself, which runs nothing of the repository's for this.

import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { findTokens } from './find-tokens.ts';
import { type Finding, findingAt, type ScanEvents } from './found.ts';
import { placeAfter, start } from './place-in-text.ts';
import { type PlacedScan, placedScan } from './read-stream.ts';

/** What points git at another repository than the one that was named; in a hook, where it is the same, the index with it. */
const elsewhere = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
];

/** Git asks for no password and fetches nothing that is not there. */
const environmentIn = (folder: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => folder === process.cwd() || !elsewhere.includes(name)),
  ),
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
});

/** The history of the repository at `folder`. Throws an Error in words where there is none. */
export async function scanHistory(folder: string, events: ScanEvents): Promise<void> {
  const list = git(folder, ['rev-list', '--objects', '--all'], 'ignore');
  // The list is of the newest first, and a file has the same token in each of its versions: the oldest is told of.
  const oldest = new Map<string, Finding>();
  const keep = (finding: Finding) => oldest.set(`${finding.secret} ${finding.path}`, finding);
  await scanObjects(folder, list, { ...events, found: keep });
  for (const finding of oldest.values()) events.found(await withCommit(folder, finding));
}

/** What differs from the last commit in the index. */
export async function scanStaged(folder: string, events: ScanEvents): Promise<void> {
  const asked = ['diff', '--cached', '--raw', '-z', '--no-abbrev', '--no-renames', '--diff-filter=d', '--no-ext-diff'];
  const parts = (await textOf(git(folder, asked))).split('\0');
  const lines: string[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode, , object = ''] = (parts[at] ?? '').split(' ');
    // A submodule is a repository of its own.
    if (mode === submodule) continue;
    lines.push(`${object} ${(parts[at + 1] ?? '').replaceAll('\n', ' ')}\n`);
  }
  const batch = batchOf(folder, 'pipe');
  batch.child.stdin?.end(lines.join(''));
  await readBatch(batch, events);
}

const submodule = '160000';

interface Running {
  child: ReturnType<typeof spawn>;
  output: Readable;
  /** Throws an Error in git's words if it failed. */
  ended: Promise<void>;
}

function git(folder: string, arguments_: readonly string[], input: 'pipe' | 'ignore' = 'ignore'): Running {
  const options = ['-c', 'core.quotePath=false', '--no-pager', '-C', folder];
  const child = spawn('git', [...options, ...arguments_], {
    env: environmentIn(folder),
    stdio: [input === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (errors.length < 2000) errors += chunk.toString();
  });
  const ended = new Promise<void>((done, failed) => {
    child.once('error', () => failed(new Error('git could not be started: is it installed?')));
    child.once('close', (code, signal) => {
      if (code === 0 || signal === 'SIGTERM') done();
      else failed(new Error(errors.trim().split('\n', 1)[0] || `git ended with ${code ?? signal}`));
    });
  });
  ended.catch(() => undefined);
  child.stdin?.on('error', () => undefined);
  return { child, output: child.stdout as Readable, ended };
}

async function textOf({ output, ended }: Running): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(chunk);
  await ended;
  return Buffer.concat(chunks).toString();
}

/** What follows the id in the list, the path, comes back in the header of each object. */
function batchOf(folder: string, input: 'pipe'): Running {
  const format = '%(objectname) %(objecttype) %(objectsize) %(rest)';
  return git(folder, ['cat-file', `--batch=${format}`, '--buffer'], input);
}

async function scanObjects(folder: string, list: Running, events: ScanEvents): Promise<void> {
  const batch = batchOf(folder, 'pipe');
  if (batch.child.stdin !== null) list.output.pipe(batch.child.stdin);
  await readBatch(batch, events);
  await list.ended;
}

const mostHeader = 8192;

/** The objects as git sends them: a line that says what comes, the bytes, a newline. */
async function readBatch(batch: Running, events: ScanEvents): Promise<void> {
  let rest = Buffer.alloc(0);
  /** The object that is under way, and how much of it is to come, with the newline behind it. */
  let under: { scan: PlacedScan; left: number } | null = null;
  for await (const chunk of batch.output) {
    let bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (under !== null) {
        const taken = bytes.subarray(0, under.left);
        under.scan.push(taken);
        events.scanned(taken.length);
        under.left -= taken.length;
        if (under.left === 0) under = null;
        bytes = bytes.subarray(taken.length);
        continue;
      }
      const end = bytes.indexOf(10);
      if (end < 0) {
        if (bytes.length > mostHeader) throw new Error('git sent an object that it does not describe');
        rest = Buffer.from(bytes);
        break;
      }
      const header = bytes.subarray(0, end).toString();
      bytes = bytes.subarray(end + 1);
      const { object, size, where } = readHeader(header);
      if (size === null) {
        if (object !== '') events.unread({ path: where.path, why: 'the repository lacks it' });
        continue;
      }
      events.file();
      if (size + 1 <= bytes.length) {
        scanWhole(bytes.subarray(0, size), where, events);
        events.scanned(size);
        bytes = bytes.subarray(size + 1);
      } else {
        under = { scan: placedScan(where, events), left: size + 1 };
      }
    }
  }
  await batch.ended;
  if (under !== null) throw new Error('git ended in the middle of an object');
}

type Where = Pick<Finding, 'path' | 'git'>;

function readHeader(header: string): { object: string; size: number | null; where: Where } {
  const [, object = '', type = '', digits = '', path = ''] =
    /^([0-9a-f]{40,64}) (\w+)(?: (\d+) ?(.*))?$/s.exec(header) ?? [];
  const isThere = digits !== '';
  const kinds: Readonly<Record<string, string>> = {
    commit: '(commit message)',
    tag: '(tag message)',
    tree: '(file names)',
  };
  const name = [path, kinds[type] ?? ''].filter((part) => part !== '').join(' ');
  const where = { path: name, git: { object, commit: type === 'commit' ? object : null } };
  return { object: object || header.slice(0, 40), size: isThere ? Number(digits) : null, where };
}

function scanWhole(bytes: Buffer, where: Where, events: Pick<ScanEvents, 'found'>): void {
  findTokens(bytes, ({ text, at }) => {
    events.found(findingAt({ ...where, ...placeAfter(start, bytes.subarray(0, at)), offset: at }, text));
  });
}

/** The first commit that has the object: of all that brought or took it, the one that nothing came before. */
async function withCommit(folder: string, finding: Finding): Promise<Finding> {
  if (finding.git === undefined || finding.git.commit !== null) return finding;
  const { object } = finding.git;
  const asked = ['log', '--all', '-m', '--format=%H', '--no-ext-diff', '--no-textconv', `--find-object=${object}`];
  const commits = await textOf(git(folder, [...asked, '--'])).catch(() => '');
  const last = commits.trim().split('\n').at(-1) ?? '';
  return { ...finding, git: { object, commit: last === '' ? null : last } };
}
