// An example from one of the source pages, kept as it is written there. What may change before it runs is the base
// address and the credentials, and nothing else.

/** Replaces each key by its value wherever it stands. Throws if one is not in the text, as then the example differs. */
export function filledIn(example: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((text, [written, ours]) => {
    if (!text.includes(written)) throw new Error(`The example holds no ${written}.`);
    return text.replaceAll(written, () => ours);
  }, example);
}
