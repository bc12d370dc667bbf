// The known word that was probably meant by one that is not known.

/** The nearest of `known`, whatever the case, or undefined where none is near. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  let [nearest, least]: [string | undefined, number] = [undefined, Math.max(2, word.length / 2) + 1];
  for (const one of known) {
    const far = distance(word.toLowerCase(), one.toLowerCase());
    if (far < least) [nearest, least] = [one, far];
  }
  return least <= Math.max(2, word.length / 2) ? nearest : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
