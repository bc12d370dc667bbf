// Reads `name=value&…` pairs strictly, from form bodies and from query strings alike. It knows no field.

/** What was read, or why it was refused; the message never repeats what was sent. */
export type FormReading = { ok: true; value: Record<string, string> } | { ok: false; message: string };

const pairLimit = 100;
const forbiddenNames = new Set(['', '__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a form body (WHATWG URL, application/x-www-form-urlencoded), at most 100 pairs.
 * Refuses what parsers disagree about: repeated names, `a[]` and `a[b]`, bad escapes, invalid UTF-8, NUL. `lists` are the
 * names that may be repeated, as `visibleColumns[]`; their values come joined by commas.
 */
export function parseForm(input: Uint8Array | string, lists: readonly string[] = []): FormReading {
  const text = typeof input === 'string' ? input : decodeBytes(input);
  if (text === undefined) return refuse('The form is not valid UTF-8.');
  const value: Record<string, string> = Object.create(null);
  const pairs = text.split('&', pairLimit + 1).filter((pair) => pair !== '');
  if (pairs.length > pairLimit) return refuse('There are too many parameters.');
  for (const pair of pairs) {
    const read = parsePair(pair);
    if (read === undefined) return refuse('A parameter has a bad percent-escape or is not valid UTF-8.');
    const [name, text] = read;
    const isList = lists.includes(name);
    if (forbiddenNames.has(name) || (!isList && /[[\]]/.test(name))) {
      return refuse('A parameter has a name that is not allowed.');
    }
    if (name.includes('\0') || text.includes('\0')) return refuse('A parameter holds a NUL character.');
    const isRepeated = Object.hasOwn(value, name);
    if (isRepeated && !isList) return refuse('A parameter is repeated.');
    value[name] = isRepeated ? `${value[name]},${text}` : text;
  }
  return { ok: true, value };
}

/** One decoded pair, or undefined where an escape is broken or its bytes are not UTF-8. */
export function parsePair(pair: string): [name: string, value: string] | undefined {
  const equals = pair.indexOf('=');
  const name = decodeText(equals < 0 ? pair : pair.slice(0, equals));
  const value = decodeText(equals < 0 ? '' : pair.slice(equals + 1));
  return name === undefined || value === undefined ? undefined : [name, value];
}

function decodeBytes(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function decodeText(text: string): string | undefined {
  // Looking is far cheaper than decoding what needs none, as most values do.
  if (!text.includes('%')) return text.includes('+') ? text.replaceAll('+', ' ') : text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function refuse(message: string): FormReading {
  return { ok: false, message };
}
