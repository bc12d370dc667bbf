// How texts are searched and put in order: keys made here and kept beside the text, so that both databases find and sort
// alike by comparing bytes. It knows no language: the order is about that of Unicode's root collation (as ICU has it).

/** The form in which texts are searched: NFKC and full case folding, so that `STRASSE` finds `Straße` and `ΟΔΟΣ` `οδος`. */
export function fold(text: string): string {
  const upper = text.normalize('NFKC').toLowerCase().toUpperCase();
  let folded = '';
  // One by one: the lower case of a whole word ends in a final sigma.
  for (const character of upper) folded += character.toLowerCase();
  return folded.normalize('NFKC');
}

/**
 * What a text is sorted by: first its letters without accents or case, spaces and punctuation before digits before letters;
 * then its accents; then its case, small letters first.
 */
export function sortKeyOf(text: string): string {
  const folded = fold(text);
  let letters = '';
  for (const character of folded.normalize('NFKD').replace(accents, '')) letters += weightOf(character);
  const cases = text
    .normalize('NFC')
    .replace(/\p{Lu}/gu, '1')
    .replace(/[^1]/gu, '0');
  return [letters, folded, cases.slice(0, cases.lastIndexOf('1') + 1)].join(separator);
}

/** Below every weight, and no part of any name. */
const separator = '\u0001';
const accents = /[\u0300-\u036f]/g;
const punctuation = '_-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';
/** Letters that are others with a stroke or a tail, which Unicode does not take apart. */
const variants: Readonly<Record<string, string>> = { ø: 'o', đ: 'd', ł: 'l', ħ: 'h', ı: 'i', æ: 'ae', œ: 'oe' };

function weightOf(character: string): string {
  if (/\s/.test(character)) return ' ';
  if (/[\p{L}\p{M}\p{N}]/u.test(character)) return variants[character] ?? character;
  const place = punctuation.indexOf(character);
  return place < 0 ? `!~${character}` : `!${String.fromCharCode(0x30 + place)}`;
}
