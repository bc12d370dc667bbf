// Shells load the script that is printed for them, and complete with it. Only bash is driven; what is offered is the same for all.

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
    const ran = await run(place, shell, ['-n'], { input: output });
    expect(ran).toMatchObject({ code: 0, errors: '' });
  });
});
