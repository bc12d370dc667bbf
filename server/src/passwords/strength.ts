// How many guesses a password would take, by zxcvbn: it knows keyboards, repetitions, dates, common words and passwords.
// It is loaded at the first question, so that a server whom nobody asks pays nothing. What is too weak is core's to say.

import type { ZxcvbnFactory, ZxcvbnResult } from '@zxcvbn-ts/core';
import { KeywardError } from '../core/errors.ts';
import type { PasswordEstimate, PasswordStrength, PasswordWeakness } from '../core/identity/ports.ts';

/**
 * Estimates by a password's first 64 characters and one question at a time, since the work grows faster than the length
 * and is done between other requests.
 */
export function createPasswordStrength(load = loadZxcvbn): PasswordStrength {
  let loading: Promise<ZxcvbnFactory> | undefined;
  let before: Promise<unknown> = Promise.resolve();
  return (password, known) => {
    loading ??= load().catch((cause) => {
      loading = undefined;
      throw new KeywardError('unavailable', 'How strong a password is cannot be told right now. Try again shortly.', {
        cause,
      });
    });
    const zxcvbn = loading;
    // Whoever waits below hears of a failure; it may come before they wait.
    zxcvbn.catch(() => undefined);
    const estimate = before.then(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return estimateOf((await zxcvbn).check(password.slice(0, estimatedLength), [...new Set(known.flatMap(wordsOf))]));
    });
    before = estimate.catch(() => undefined);
    return estimate;
  };
}

const estimatedLength = 64;
/** How many ways to read digits and signs as letters are tried; what more of them find is what takes the time. */
const maxSubstitutions = 4;
const longestKnown = 200;

async function loadZxcvbn(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    maxLength: estimatedLength,
    l33tMaxSubstitutions: maxSubstitutions,
  });
}

/** Whole, and in its parts. */
function wordsOf(known: string): string[] {
  const text = known.slice(0, longestKnown).toLowerCase();
  return [text, ...text.split(/[^\p{L}\p{N}]+/u)].filter((word) => word.length > 2);
}

function estimateOf({ guesses, sequence }: ZxcvbnResult): PasswordEstimate {
  const found = sequence.map(({ pattern, dictionaryName }) => weaknessOf(pattern, `${dictionaryName ?? ''}`));
  return { guesses, weakness: order.find((weakness) => found.includes(weakness)) ?? 'words' };
}

/** What is told, where there are several. */
const order: readonly PasswordWeakness[] = ['repetition', 'known', 'keyboard', 'sequence', 'date', 'common'];

function weaknessOf(pattern: string, dictionary: string): PasswordWeakness {
  if (pattern === 'repeat') return 'repetition';
  if (pattern === 'spatial') return 'keyboard';
  if (pattern === 'sequence' || pattern === 'wordSequence') return 'sequence';
  if (pattern === 'date' || pattern === 'regex') return 'date';
  if (dictionary === 'userInputs') return 'known';
  return dictionary.startsWith('passwords') ? 'common' : 'words';
}
