// The address of a call in one spelling, so that two of them can be compared (RFC 3986 sections 6.2.2 and 6.2.3). Where a
// call really went is not known here.

const longest = 8192;

/** An absolute HTTP or HTTPS address without its query and fragment; null for what is none. Never throws. */
export function canonicalAddress(address: string): string | null {
  if (address.length > longest || !/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(address)) return null;
  if (!URL.canParse(address)) return null;
  const { origin, pathname, username, password } = new URL(address);
  return username === '' && password === '' ? origin + pathname.replace(/%[0-9a-f]{2}/gi, canonicalEscape) : null;
}

/** What needs no escape is written without one, and any other in upper case. */
function canonicalEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : escaped.toUpperCase();
}
