// Names that people type: what is allowed in them and the one form in which they are kept and compared.

import { invalid } from './errors.ts';

/** Control characters, line separators, bidirectional controls, zero-width and other invisible format characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;
const handle = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;
const email = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}$/;

/** A name for people: 1 to 128 characters, no control or invisible ones, kept in NFC with no space at either end. */
export function checkedName(field: string, text: string): string {
  const name = text.normalize('NFC').trim();
  if (name === '') throw invalid(field, 'A name must not be empty.');
  if ([...name].length > 128) throw invalid(field, 'A name has at most 128 characters.');
  if (invisible.test(name)) throw invalid(field, 'A name must not hold control or invisible characters.');
  return name;
}

/** Up to 1,000 characters; line breaks and tabs are allowed, other control or invisible characters are not. */
export function checkedDescription(text: string, field = 'description'): string {
  const description = text.normalize('NFC').trim();
  if ([...description].length > 1000) throw invalid(field, 'A description has at most 1,000 characters.');
  if (invisible.test(description.replace(/[\n\r\t]/g, ' '))) {
    throw invalid(field, 'A description must not hold control or invisible characters.');
  }
  return description;
}

/** A name that stands in addresses and files: `a-z 0-9 _ -`, 1 to 64 characters. */
export function checkedHandle(field: string, text: string): string {
  if (!handle.test(text)) {
    throw invalid(field, 'Use 1 to 64 lower-case letters, digits, - or _, with a letter or digit at both ends.');
  }
  return text;
}

/** An e-mail address in canonical form. Only ASCII ones are taken, so that no look-alike can pass for another (S80). */
export function checkedEmail(field: string, text: string): string {
  const address = canonicalUsername(text);
  if (!email.test(address)) throw invalid(field, 'This is not an e-mail address that can sign in here.');
  return address;
}

/** The form in which usernames and e-mails are compared: width-mapped, NFKC, lower case, no outer space (RFC 8265). */
export function canonicalUsername(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}
