// Shells load the script that is printed for them, and complete with it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../end-to-end/program.ts';
import { freshPlace, keyward, type Place, run, whyNot } from '../end-to-end/run.ts';

const missing = Object.fromEntries(
  await Promise.all(['bash', 'zsh', 'fish'].map(async (shell) => [shell, await whyNot(shell, ['--version'])] as const)),
);
const noted = (shell: string) => (missing[shell] ? `: ${missing[shell]}` : '');

let place: Place;
beforeAll(async () => {
  await build();
  place = freshPlace();
});
afterAll(() => place.remove());

describe.skipIf(missing.bash)(`bash${noted('bash')}`, () => {
  /** What bash would offer after these words, of which the last is being typed. */
  async function offered(...words: string[]): Promise<string[]> {
    const script = `source <(keyward completion bash)
      COMP_WORDS=(keyward "$@"); COMP_CWORD=$#
      "$(complete -p keyward | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = await run(place, 'bash', ['-c', script, 'bash', ...words]);
    expect(ran).toMatchObject({ code: 0, errors: '' });
    return ran.output.split('\n').filter((line) => line !== '');
  }

  test('completes a noun', async () => {
    const nouns = await offered('tok');
    expect(nouns).toContain('tokens');
    expect(nouns).not.toContain('users');
  });

  test('completes a verb of a noun', async () => {
    const verbs = await offered('tokens', 'rot');
    expect(verbs).toContain('rotate');
    expect(verbs).not.toContain('list');
  });

  test('completes a flag of a verb', async () => {
    expect(await offered('tokens', 'create', '--secr')).toContain('--secret-to');
  });
});

describe.each(['zsh', 'fish'])('%s', (shell) => {
  test.skipIf(missing[shell])(`takes the script as it is printed${noted(shell)}`, async () => {
    const { output } = await keyward(place, ['completion', shell]);
    const file = join(place.folder, `completion.${shell}`);
    writeFileSync(file, output);
    const ran = await run(place, shell, ['-n', file]);
    expect(ran).toMatchObject({ code: 0, errors: '' });
  });

  test.skipIf(missing[shell])(`completes a noun, a verb and a flag${noted(shell)}`, async () => {
    for (const [typed, word] of [
      ['tok', 'tokens'],
      ['tokens rot', 'rotate'],
      ['tokens create --secr', '--secret-to'],
    ]) {
      const script = asking[shell]?.(typed ?? '') ?? '';
      const ran = await run(place, shell, shell === 'zsh' ? ['-f', '-c', script] : ['--no-config', '-c', script]);
      expect([typed, ran.errors, ran.output]).toEqual([typed, '', expect.stringContaining(word ?? '')]);
    }
  });
});

/** Shell lines that print what would be offered after these words. */
const asking: Record<string, (typed: string) => string> = {
  fish: (typed) => `keyward completion fish | source; complete -C 'keyward ${typed}'`,
  // What zsh calls for a person who presses Tab, without the person.
  zsh: (typed) => `compdef() { }; _describe() { print -l -- $found }; _files() { }
    source <(keyward completion zsh)
    words=(keyward ${typed}); CURRENT=\${#words}; _keyward`,
};

describe('what is offered', () => {
  const offered = async (...words: string[]) =>
    (await keyward(place, ['__complete', '--', ...words])).output.split('\n').map((line) => line.split('\t')[0]);

  test('is what a flag may be, after the flag', async () => {
    expect(await offered('tokens', 'list', '--state', '')).toEqual(['active', 'inactive', 'expired', '']);
    expect(await offered('tokens', 'list', '--state', 'e')).toEqual(['expired', '']);
  });

  test('goes by other words for a noun too, and tells what each word is for', async () => {
    expect(await offered('token', 'rot')).toEqual(['rotate', '']);
    expect((await keyward(place, ['__complete', '--', 'tok'])).output).toMatch(/^tokens\tAPI tokens/);
  });

  test('is nothing for a word that is like none, and no hidden command', async () => {
    expect(await offered('nothing-like-it')).toEqual(['']);
    expect(await offered('__')).toEqual(['']);
  });
});

test('a shell that is none of them is refused, with those that there are', async () => {
  const { code, errors } = await keyward(place, ['completion', 'tcsh']);
  expect([code, errors]).toEqual([2, expect.stringMatching(/bash[\s\S]*zsh[\s\S]*fish/)]);
});
