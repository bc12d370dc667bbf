// Names that people type: what is allowed in them and the one form in which they are kept and compared.

import { hasIdForm } from '@keyward/rules/organization-handle';
import { invalid } from './errors.ts';

/** Controls, separators of lines, format characters, what Unicode says to ignore by default, and letters that are blank. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Emoji that Unicode recommends, with the joiners and selectors that they are made with. */
const emoji = /\p{RGI_Emoji}/gv;
/** Scripts whose letters a joiner joins or keeps apart, so that it is seen. Between others it makes two names look alike. */
const joined = [
  ...['Arabic', 'Syriac', 'Nko', 'Mongolian', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil'],
  ...['Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar'],
].map((script) => `\\p{Script=${script}}`);
const joiner = new RegExp(`(?<=[${joined.join('')}])[\\u200c\\u200d](?=[${joined.join('')}])`, 'gu');
const handle = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;
const email = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}$/;

const plainUsername = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const apiUsername = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@api\./;

/** Characters of a name for people. */
export const longestName = 128;

/** A name for people: 1 to 128 characters, none that nobody sees, kept in NFC with no space at either end. */
export function checkedName(field: string, text: string): string {
  const name = withoutOuterSpace(text.normalize('NFC'));
  if (name === '') throw invalid(field, 'A name must not be empty.');
  if ([...name].length > longestName) throw invalid(field, `A name has at most ${longestName} characters.`);
  demandVisible(field, 'A name', name);
  return name;
}

/** Text in the form in which it is kept: NFC, no space at either end, and nothing in it that nobody sees. */
export function checkedText(at: string | readonly string[], what: string, text: string): string {
  const kept = withoutOuterSpace(text.normalize('NFC'));
  demandVisible(at, what, kept);
  return kept;
}

/** Up to 1,000 characters; line breaks and tabs are allowed, other control or invisible characters are not. */
export function checkedDescription(text: string, field = 'description'): string {
  const description = withoutOuterSpace(text.normalize('NFC'));
  if ([...description].length > 1000) throw invalid(field, 'A description has at most 1,000 characters.');
  demandVisible(field, 'A description', description.replace(/[\n\r\t]/g, ' '));
  return description;
}

/** A name that stands in addresses and files: `a-z 0-9 _ -`, 1 to 64 characters. */
export function checkedHandle(field: string, text: string): string {
  if (!handle.test(text)) {
    throw invalid(field, 'Use 1 to 64 lower-case letters, digits, - or _, with a letter or digit at both ends.');
  }
  return text;
}

/** The name of an organization: a handle, and never one that could be an id, which would be taken for that. */
export function checkedOrganizationName(field: string, text: string): string {
  if (!hasIdForm(text)) return checkedHandle(field, text);
  throw invalid(field, 'This has the form of an id. Use another name.');
}

/** An e-mail address in canonical form. Only ASCII ones are taken, so that no look-alike can pass for another (S80). */
export function checkedEmail(field: string, text: string): string {
  const address = canonicalUsername(text);
  if (!email.test(address)) throw invalid(field, 'Use an e-mail address such as ann@example.com, of ASCII characters.');
  return address;
}

/** What a user signs in with: an e-mail address, or a plain user name such as `demo`; never one of an API user's form. */
export function checkedUsername(field: string, text: string): string {
  const name = canonicalUsername(text);
  if (!name.includes('@')) {
    if (plainUsername.test(name)) return name;
    throw invalid(
      field,
      'Use an e-mail address such as ann@example.com, or a user name of 1 to 64 letters a to z, digits, ., - or _ with a letter or digit at both ends.',
    );
  }
  if (apiUsername.test(name))
    throw invalid(field, 'This is the form of an API user’s name. Use another e-mail address.');
  return checkedEmail(field, name);
}

/**
 * What an API user was called in another system: any text of printable ASCII, so that no look-alike can pass for another (S80),
 * but for the forms by which clients are known here otherwise.
 */
export function checkedApiUsername(field: string, text: string): string {
  const name = canonicalUsername(text);
  if (!/^[\x20-\x7e]{1,256}$/.test(name)) throw invalid(field, 'Use 1 to 256 printable characters of ASCII.');
  const form = takenForms.find(([is]) => is(name));
  if (form === undefined) return name;
  throw invalid(field, `This has the form of ${form[1]}, so that it would be taken for that. Use another name.`);
}

const takenForms: readonly [is: (name: string) => boolean, what: string][] = [
  [isApiUsername, 'a name that is generated for API users'],
  [(name) => /^[0-9a-z]{22}$/.test(name), 'the id of an API token'],
  [(name) => name.startsWith('https://'), 'the address of a client'],
];

/**
 * True for text that has the shape of a username that is generated for an API user: decided by shape alone, so it says nothing
 * about who exists, and whatever the domain, so that those named under one that was changed since still get in.
 */
export function isApiUsername(canonical: string): boolean {
  return apiUsername.test(canonical);
}

/** The form in which usernames and e-mails are compared: width-mapped, NFKC, lower case, no outer space (RFC 8265). */
export function canonicalUsername(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}

function demandVisible(field: string | readonly string[], what: string, text: string): void {
  const [found] = invisible.exec(text.replace(emoji, '').replace(joiner, '')) ?? [];
  if (found === undefined) return;
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw invalid(field, `${what} must not hold control or invisible characters; this one holds U+${code}.`);
}

/** As `trim`, which also takes U+FEFF for a space: nobody sees that one, so it is refused and not passed over. */
function withoutOuterSpace(text: string): string {
  const isSpace = (at: number) => text.charAt(at) !== '\ufeff' && text.charAt(at).trim() === '';
  let [from, to] = [0, text.length];
  while (from < to && isSpace(from)) from += 1;
  while (to > from && isSpace(to - 1)) to -= 1;
  return text.slice(from, to);
}
