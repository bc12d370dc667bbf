// A folder with all that a server has on its machine, new for each test of the file that imports this, and commands that run in it.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import type { Finding } from '../../server/src/cli/doctor/finding.ts';
import { run } from '../../server/src/cli/program.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';

export let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

export const day = 86_400_000;

export async function keyward(
  args: readonly string[],
  { input = '', environment = {} as NodeJS.ProcessEnv, at = folder } = {},
) {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const around = {
    KEYWARD_LOG_LEVEL: 'silent',
    HOME: at,
    KEYWARD_CREDENTIALS: join(at, 'nobody.yaml'),
    ...environment,
  };
  const code = await run(args, { input: Readable.from([input]), output, errors, environment: around, folder: at });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, output: text(output), errors: text(errors) };
}

/** The findings that are not `ok`, each in plain words and with a mend. */
export async function faults(given: NodeJS.ProcessEnv = {}) {
  // Of any free port nothing is said.
  const environment = { KEYWARD_PORT: '0', ...given };
  const { code, output, errors } = await keyward(['doctor', '--json', '--data', join(folder, 'data')], { environment });
  expect(errors).toBe('');
  const { healthy, findings } = JSON.parse(output) as { healthy: boolean; findings: Finding[] };
  const problems = findings.filter(({ status }) => status === 'problem');
  expect([code, healthy]).toEqual(problems.length === 0 ? [0, true] : [1, false]);
  for (const { text, mend } of problems) {
    expect(`${text} ${mend}`).not.toMatch(/^\s+at |\bError:|\[object|undefined|null|SQLITE_|\bE[A-Z]{4,}\b/m);
    expect(mend).toMatch(/\w/);
  }
  return findings.filter(({ status, check }) => status !== 'ok' && check !== 'disk');
}

export function useCertificate(wanted: Parameters<typeof selfSigned>[0] = {}): void {
  const { cert, key } = selfSigned({ validTo: Date.now() + 90 * day, ...wanted });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'keyward.yaml'), 'tls: { cert: cert.pem, key: key.pem }\n');
}

/** A server with an owner and a certificate, of which nothing is wrong. */
export async function sound(): Promise<void> {
  useCertificate();
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  foundation ??= found();
  cpSync(join(await foundation, 'data'), join(folder, 'data'), { recursive: true });
}
/** Made once, and copied. */
let foundation: Promise<string> | undefined;
async function found(): Promise<string> {
  const at = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
  const init = ['init', '--organization', 'acme', '--email', 'ada@example.com', '--password-stdin'];
  expect(await keyward(init, { input: 'a kettle on the mountain\n', at })).toMatchObject({ code: 0 });
  return at;
}
afterAll(async () => foundation && rmSync(await foundation, { recursive: true, force: true }));

export const inDatabase = (statement: string) => {
  const database = new Database(join(folder, 'data', 'keyward.db'));
  database.exec(statement);
  database.close();
};
