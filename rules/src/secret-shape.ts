// What an imported secret looks like from outside: how it begins and ends, of which characters the rest is, and how long it is.
// Cheap to tell, so that what has no shape is refused before anything is digested. What a secret is worth is decided elsewhere.

/** The characters between prefix and suffix, by name. `printable`: ASCII from blank to `~`. */
export const secretAlphabets = ['hex', 'base62', 'base64', 'base64url', 'printable'] as const;
export type SecretAlphabet = (typeof secretAlphabets)[number];

export interface SecretShape {
  prefix: string;
  suffix: string;
  alphabet: SecretAlphabet;
  /** Of the whole secret, in characters. */
  minLength: number;
  maxLength: number;
}

/** The longest secret that is taken from elsewhere. */
export const longestSecret = 512;
/** The shortest: whoever tries them all must not get far. */
export const shortestSecret = 8;

const blank = 0x20;

/** For each character of ASCII the alphabets that it is of, a bit for each. */
const bits = new Uint8Array(128);
const patterns: Record<SecretAlphabet, RegExp> = {
  hex: /[0-9A-Fa-f]/,
  base62: /[0-9A-Za-z]/,
  base64: /[0-9A-Za-z+/=]/,
  base64url: /[0-9A-Za-z_=-]/,
  printable: /[ -~]/,
};
for (let code = 0; code < bits.length; code += 1) {
  for (const [index, name] of secretAlphabets.entries()) {
    if (patterns[name].test(String.fromCharCode(code))) bits[code] = (bits[code] ?? 0) | (1 << index);
  }
}

/** True for text of this shape. Linear in time. */
export function hasShape(shape: SecretShape, text: string): boolean {
  const { length } = text;
  if (length < shape.minLength || length > shape.maxLength) return false;
  if (!text.startsWith(shape.prefix) || !text.endsWith(shape.suffix)) return false;
  // No header can carry a blank at either end.
  if (text.charCodeAt(0) === blank || text.charCodeAt(length - 1) === blank) return false;
  const end = length - shape.suffix.length;
  if (end < shape.prefix.length) return false;
  const bit = 1 << secretAlphabets.indexOf(shape.alphabet);
  for (let at = shape.prefix.length; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127 || ((bits[code] ?? 0) & bit) === 0) return false;
  }
  return true;
}

/** True for text of one of these shapes. */
export function hasAnyShape(shapes: readonly SecretShape[], text: string): boolean {
  for (const shape of shapes) if (hasShape(shape, text)) return true;
  return false;
}
