// The patterns for other scanners: each finds what any Keyward makes, under every prefix and wherever it stands, and nothing that comes near,
// such as the tokens of others.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiTokenPattern, base62 } from '../../rules/src/api-token-form.ts';
import { generateApiToken, newId } from '../../server/src/core/secret.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../examples/secret-scanning', name), 'utf8');
const gitleaks = read('gitleaks.toml');
const trufflehog = parse(read('trufflehog.yaml')).detectors[0] as {
  keywords: string[];
  regex: { token: string };
  entropy: number;
};
const github = parse(read('github.yaml')) as Record<
  'secret_format' | 'before_secret' | 'after_secret' | 'test_string',
  string
>;

/** As each program puts it together: GitHub looks at what stands before and behind, where `\A` and `\z` are the ends of all. */
const patterns: Record<string, RegExp> = {
  gitleaks: new RegExp(/^regex = '''(.*)'''$/m.exec(gitleaks)?.[1] ?? 'none'),
  trufflehog: new RegExp(trufflehog.regex.token),
  github: new RegExp(
    `(?:${github.before_secret.replace('\\A', '^')})${github.secret_format}(?:${github.after_secret.replace('\\z', '$')})`,
  ),
};

const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/).filter((text) => !text.startsWith('ey'));
const token = fc.tuple(fc.uuid({ version: 4 }), prefix).map(([id, name]) => generateApiToken(id, name));

const of = (length: number, alphabet = base62) =>
  Array.from({ length }, (_, at) => alphabet[(at * 37 + length * 11) % alphabet.length]).join('');

/** What others make, and what stands in code, that has a part of the form. */
const nearMisses: Record<string, string> = {
  'a public id': 'kw_0000000001VgEh72lXvTXkw',
  'what a scan shows of one': 'kw_000000001VgEh72lXvTXkw_…',
  'another character between its parts': `kw_${of(22)}-${of(36)}`,
  'a public id of 21': `kw_${of(21)}_${of(36)}`,
  'a public id of 23': `kw_${of(23)}_${of(36)}`,
  'a secret of 35': `kw_${of(22)}_${of(35)}`,
  'a secret of 37': `kw_${of(22)}_${of(37)}`,
  'a secret with a mark in it': `kw_${of(22)}_${of(18)}-${of(17)}`,
  'a prefix of one letter': ` k_${of(22)}_${of(36)}`,
  'a prefix of capitals': ` KW_${of(22)}_${of(36)}`,
  'a prefix that begins with a digit': ` 1_${of(22)}_${of(36)}`,
  'two lines': `kw_${of(22)}_\n${of(36)}`,
  'a token of GitHub’s': `ghp_${of(36)}`,
  'a fine-grained one': `github_pat_${of(22)}_${of(59)}`,
  'one of GitLab’s': `glpat-${of(20)}`,
  'one of npm’s': `npm_${of(36)}`,
  'a key of Stripe’s': `sk_live_${of(24)}`,
  'a longer one': `sk_live_51${of(97)}`,
  'one of SendGrid’s': `SG.${of(22)}.${of(43)}`,
  'one of Slack’s': `xoxb-${of(12, '0123456789')}-${of(12, '0123456789')}-${of(24)}`,
  'one of DigitalOcean’s': `dop_v1_${of(64, '0123456789abcdef')}`,
  'one of Shopify’s': `shpat_${of(32, '0123456789abcdef')}`,
  'a webhook’s secret': `whsec_${of(32)}`,
  'a refresh token': `kwr_${of(43)}`,
  'a password of an API user': of(48),
  'a JWT': `eyJ${of(30)}.eyJ${of(60)}.${of(86)}`,
  'a SHA-256': of(64, '0123456789abcdef'),
  'a UUID': newId(),
  'a long name': 'this_is_the_name_of_a_function_that_somebody_wrote_without_thinking_of_width',
  'a constant': `MAX_${of(22, 'ABCDEFGH')}_${of(36, 'ABCDEFGH')}`,
  'a row of underscores': '_'.repeat(200),
};

describe.each(Object.entries(patterns))('the pattern for %s', (_, pattern) => {
  test('finds what a server makes, whatever its prefix, in code, settings, addresses and at the end of all', () => {
    fc.assert(
      fc.property(token, fc.string(), (one, around) => {
        for (const text of [
          one,
          `TOKEN=${one}`,
          `${around}"${one}"${around}`,
          `https://user:${one}@host/`,
          `?apiToken=${one}&a=b`,
          `Bearer ${one}\\n`,
          `- ${one}\r\n`,
        ])
          expect(pattern.exec(text)?.[0], text).toContain(one);
        expect(pattern.test(around)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test.each(Object.entries(nearMisses))('takes %s for none', (__, text) => {
    for (const around of [text, ` ${text} `, `"${text}"`, `x = ${text};`]) {
      expect(pattern.exec(around)?.[0]).toBeUndefined();
    }
  });
});

test('no near miss is one for the scan itself, whose word is the checksum', async () => {
  const { findTokens } = await import('../../server/src/cli/scan/find-tokens.ts');
  findTokens(Buffer.from(Object.values(nearMisses).join('\n')), ({ text }) => expect(text).toBe('no token'));
});

test('each program lets through every token that its other rules could keep back: by entropy and by words', () => {
  const least = Number(/^entropy = ([\d.]+)$/m.exec(gitleaks)?.[1]);
  expect([least, trufflehog.entropy]).toEqual([4.2, 4.2]);
  for (let count = 0; count < 2000; count += 1) {
    const one = generateApiToken(newId());
    expect(entropyOf(one), one).toBeGreaterThan(least);
    expect(trufflehog.keywords.some((word) => one.includes(word))).toBe(true);
  }
  // What looks like one and is filled up with letters is none.
  expect(entropyOf(`kw_${'a'.repeat(22)}_${'b'.repeat(36)}`)).toBeLessThan(least);
  expect(/^keywords = \["(.*)"\]$/m.exec(gitleaks)?.[1]).toBe('_');
});

test('the example of the form for GitHub is one, and is no token', () => {
  expect(patterns.github?.test(github.test_string)).toBe(true);
  expect(apiTokenPattern.test(github.test_string)).toBe(true);
});

test('the hook and the workflow can be read, and run commands that there are', () => {
  const hook = parse(read('pre-commit-config.yaml')).repos[0].hooks[0];
  expect(hook.entry).toBe('keyward scan --staged --offline');
  const { steps } = parse(read('github-actions.yaml')).jobs.scan;
  expect(steps[1].run).toBe('keyward scan --git . --offline --format sarif > keyward.sarif');
});

/** Shannon's, in bits a character, as both programs reckon it. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}
