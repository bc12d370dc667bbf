// No regular expression of ours can be made slow by what somebody sends: each is tried on long texts that nearly match.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { canonicalAddress, parseAddressRange } from '@keyward/rules/address';
import { isPermission, isPermissionPattern } from '@keyward/rules/permission';
import { parseStrictJson } from '@keyward/rules/strict-json';
import { describe, expect, test } from 'vitest';
import { anySecrets, textKeeper } from '../../server/src/core/checking/calls/kept-texts.ts';
import { canonicalUsername, checkedEmail, checkedName } from '../../server/src/core/name.ts';
import { looksLikeApiToken } from '../../server/src/core/secret.ts';
import { presentedCredential } from '../../server/src/dialects/credential-location.ts';
import { fromForwarded, fromXForwarded } from '../../server/src/http/forwarded-headers.ts';
import { routePattern } from '../../server/src/http/gateway/route-pattern.ts';
import { attacksOn, cpuMs, patternsIn, slowest } from './regular-expressions.ts';

const root = join(import.meta.dirname, '..', '..');
const rooms = ['server/src', 'rules/src', 'sdk/src'];
const limitMs = 50;

/** Slow for long texts, which they are never given. */
const bounded: Readonly<Record<string, string>> = {
  '/=+$/': 'takes the padding off Base64 that we wrote ourselves: two characters at most',
  '/\\p{RGI_Emoji}/gv': 'looks at names and descriptions after their length: 1,000 characters at most',
};

const found = rooms.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test(-support)?\.ts$|conformance|for-tests/.test(name))
    .map((name) => join(root, room, name))
    .flatMap((file) => patternsIn(relative(root, file), readFileSync(file, 'utf8'))),
);

describe('every regular expression in the sources', () => {
  test('is found', () => {
    expect(found.length).toBeGreaterThan(60);
    for (const file of ['core/name.ts', 'core/secret.ts', 'http/request-rules.ts', 'dialects/parsers.ts']) {
      expect(
        found.some((one) => one.file === `server/src/${file}`),
        file,
      ).toBe(true);
    }
  });

  test('answers in under 50 ms for 50,000 characters of anything [S81]', () => {
    for (const { file, line, pattern } of found.filter((one) => !(String(one.pattern) in bounded))) {
      const { ms, attack } = slowest(pattern, attacksOn(pattern));
      expect.soft(ms, `${file}:${line} ${pattern} on ${JSON.stringify(attack)}…`).toBeLessThan(limitMs);
    }
  });

  test('is a literal, or made of settings alone: no pattern comes from a request [S81]', () => {
    const made = rooms.flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !/\.test(-support)?\.ts$/.test(name))
        .flatMap((name) => {
          const count = readFileSync(join(root, room, name), 'utf8').split('new RegExp(').length - 1;
          return count === 0 ? [] : [`${room}/${name}`];
        }),
    );
    // Each of them is tried below, or is made of literals in its own file.
    expect(made.toSorted()).toEqual([
      'rules/src/address.ts',
      'rules/src/permission.ts',
      'server/src/cli/manifest/reading/check.ts',
      'server/src/core/checking/calls/kept-texts.ts',
      'server/src/core/name.ts',
      'server/src/http/forwarded-headers.ts',
      'server/src/http/gateway/route-pattern.ts',
      'server/src/storage/database-error.ts',
    ]);
  });
});

describe('what is made of several patterns', () => {
  const refused = (read: () => unknown) => {
    try {
      read();
    } catch {
      // What it says does not matter here, only when.
    }
  };
  test.each<[string, (text: string) => unknown]>([
    ['canonicalAddress', canonicalAddress],
    ['parseAddressRange', parseAddressRange],
    ['isPermission', isPermission],
    ['isPermissionPattern', isPermissionPattern],
    ['looksLikeApiToken', looksLikeApiToken],
    ['fromForwarded', fromForwarded],
    ['fromXForwarded', (text) => fromXForwarded(text, text)],
    ['routePattern', (text) => routePattern('/a/:b/c/*').test(`/a/${text}`)],
    ['checkedEmail', (text) => checkedEmail('email', text)],
    ['checkedName', (text) => checkedName('name', text)],
    ['canonicalUsername', canonicalUsername],
    [
      'presentedCredential',
      (text) => presentedCredential({ authorization: text, acceptsApiToken: true, apiTokens: [] }),
    ],
    ['parseStrictJson', (text) => parseStrictJson(text)],
    ['textKeeper', (text) => textKeeper(anySecrets)(text)],
  ])('%s answers in time, whatever it is given [S81]', (_, read) => {
    const units = [
      ...'a0 .-_/\\",;=@:%[{(*é\n',
      '-ey',
      'ey.',
      'a=',
      'a="',
      '="\\',
      'for=',
      'for="a",',
      'a:',
      'a.',
      '\\"',
      ' ,',
      '[::',
      '\\u00',
      'a@',
      '1.',
      ';a=b',
    ];
    for (const unit of units) {
      const text = unit.repeat(Math.ceil(50_000 / unit.length));
      const times = [0, 1, 2].map(() => {
        const before = cpuMs();
        refused(() => read(`${text}\u0001`));
        return cpuMs() - before;
      });
      expect.soft(Math.min(...times), unit).toBeLessThan(limitMs);
    }
  });
});

describe('the search', () => {
  test('notices a pattern that is slow for long texts', () => {
    const pattern = /=+$/;
    const attacks = attacksOn(pattern).filter((text) => text.startsWith('===='));
    expect(slowest(pattern, attacks.slice(0, 1)).ms).toBeGreaterThan(limitMs);
  });

  test('notices a pattern that is slow for short ones already', () => {
    const pattern = /(a+)+$/;
    // A little of the attack is enough: all of it would take longer than anyone waits.
    const attacks = attacksOn(pattern).filter((text) => text.startsWith('aaaa'));
    expect(
      slowest(
        pattern,
        attacks.slice(0, 1).map((text) => text.slice(0, 23) + text.slice(-1)),
      ).ms,
    ).toBeGreaterThan(5);
  });

  test('finds literals and nothing else', () => {
    const source = "const a = /x+/g;\nif (/[/]y/.test(b / c / d)) return /z\\//;\n// not /this/\nconst e = 'no/pe/';\n";
    expect(patternsIn('a.ts', source).map(({ pattern }) => String(pattern))).toEqual(['/x+/g', '/[/]y/', '/z\\//']);
  });
});
