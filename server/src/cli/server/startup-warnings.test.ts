// What an operator is told of a start that works and is probably not meant so. The folders, modes and certificates are real.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/config.ts';
import { selfSigned, type Wanted } from '../../http/self-signed.test-support.ts';
import { startupWarnings } from './startup-warnings.ts';

const day = 24 * 3_600_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-warnings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const warnings = (flags = {}, demo = false) => startupWarnings(loadConfig(flags, {}, folder), demo);
const overTls = (wanted: Wanted, flags = {}) => {
  const { cert, key } = selfSigned(wanted);
  writeFileSync(join(folder, 'c'), cert);
  writeFileSync(join(folder, 'k'), key);
  return warnings({ 'tls.cert': 'c', 'tls.key': 'k', ...flags });
};

describe('HTTPS', () => {
  test('a server that can be reached over plain HTTP alone says that it will refuse every credential', () => {
    expect(warnings()).toEqual([expect.stringMatching(/every call .* refused.*--tls-cert.*--trusted-proxies.*--demo/)]);
  });

  test('with a proxy in front, a certificate or as a demo it has nothing to say', () => {
    expect(warnings({ trustedProxies: '127.0.0.1' })).toEqual([]);
    expect(overTls({})).toEqual([]);
    expect(warnings({}, true)).toEqual([]);
  });
});

describe('a certificate', () => {
  test.each([
    ['that has expired', { validTo: Date.now() - day / 2 }, /c \(tls\.cert\) expired on \d{4}-\d\d-\d\d.*tls\.key/],
    ['that expires in days', { validTo: Date.now() + 3 * day }, /expires on \d{4}-\d\d-\d\d/],
    ['that is not valid yet', { validFrom: Date.now() + day / 2 }, /not valid before .*clock/],
  ])('%s is served, and told of', (_, wanted, words) => {
    expect(overTls(wanted)).toEqual([expect.stringMatching(words)]);
  });

  test('for another host than that of url is told of', () => {
    expect(overTls({}, { url: 'https://127.0.0.1' })).toEqual([]);
    expect(overTls({}, { url: 'https://auth.example.com' })).toEqual([
      expect.stringMatching(/not for auth\.example\.com/),
    ]);
  });
});

test('a data folder and files that other accounts can read are told of, each with the command that closes it', () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(data, 0o755);
  for (const [name, mode] of [
    ['secrets.key', 0o644],
    ['keyward.db', 0o600],
    ['limits.log', 0o640],
  ] as const) {
    writeFileSync(join(data, name), '');
    chmodSync(join(data, name), mode);
  }
  const about = (path: string, mode: string, right: string) =>
    expect.stringMatching(new RegExp(`^${path} is open .*mode ${mode}.*chmod ${right} ${path}$`));
  expect(warnings({ trustedProxies: '::1' })).toEqual([
    about(data, '0755', '700'),
    about(join(data, 'secrets.key'), '0644', '600'),
    about(join(data, 'limits.log'), '0640', '600'),
  ]);
});
