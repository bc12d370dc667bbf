// The blanks that HTTP allows around the parts of a header (RFC 9110 section 5.6.3): space and tab. String.trim takes
// dozens more for blanks, which would give what stands between them further spellings.

/** The text without blanks before and behind it. Linear in time, which a pattern with an end need not be. */
export function trimBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text, from)) from += 1;
  while (to > from && isBlank(text, to - 1)) to -= 1;
  return text.slice(from, to);
}

function isBlank(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}
