// One way to start wrongly, and how it is tried: in this process, with a folder, an environment and files of its own.
// What the answer must say stands beside each mistake.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { run } from '../../server/src/cli/program.ts';

export interface Mistake {
  /** Continues "a start with …". */
  name: string;
  /** What is run; `serve` on a free port and a fresh folder unless said otherwise. */
  args?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** By their path in the folder; `keyward.yaml` is read by itself. */
  files?: Readonly<Record<string, string | Buffer>>;
  /** What else must be so before; answers what becomes of the environment, and what is run afterwards. */
  prepare?: (place: MistakePlace) => Promise<Prepared | undefined> | Prepared | undefined;
  /** Runs without the rights of root, which may everything. */
  asNobody?: true;
  /** What the message says: the setting, the value unless it is a secret, and what is wrong. */
  says: RegExp;
  /** What to do, as the message says it. */
  mend: RegExp;
}

export interface Prepared {
  environment?: Readonly<Record<string, string>>;
  args?: readonly string[];
  after?: () => unknown;
}

export interface MistakePlace {
  folder: string;
  path(name: string): string;
}

export interface Answer {
  code: number;
  output: string;
  errors: string;
  /** From the command to its exit code. */
  tookMs: number;
}

/** An owner that `keyward init` makes, with the password on standard input. */
export const init = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin'] as const;
export const password = 'a kettle on the mountain';

/** Makes the mistake in a fresh folder and answers what came of it. */
export async function make(mistake: Mistake): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-mistake-'));
  const path = (name: string) => join(folder, name);
  for (const [name, content] of Object.entries(mistake.files ?? {})) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  }
  let prepared: Prepared | undefined;
  try {
    prepared = await mistake.prepare?.({ folder, path });
    const environment = { ...mistake.environment, ...prepared?.environment };
    const args = prepared?.args ?? mistake.args ?? [];
    const whole = args[0]?.startsWith('-') || args.length === 0 ? ['serve', '--port', '0', ...args] : args;
    const started = () => keyward(folder, whole, environment);
    return await (mistake.asNobody ? withoutRights(folder, started) : started());
  } finally {
    await prepared?.after?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command in a folder, with an environment that holds nothing else. */
export async function keyward(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const terminal = {
    input: Readable.from([password]),
    output,
    errors,
    environment: { KEYWARD_LOG_LEVEL: 'silent', ...environment },
    folder,
  };
  const began = performance.now();
  const code = await run(args, terminal);
  const tookMs = performance.now() - began;
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors), tookMs };
}

/** Root lends itself the rights of an account that has none; what it needs of the checkout is loaded by then. */
export async function withoutRights<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  if ((statSync(folder).mode & 0o001) === 0) chmodSync(folder, 0o755);
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
