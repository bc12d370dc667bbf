// Parts of an answer as JSON text. `JSON.stringify` says the same and takes as long as the checks themselves, so what is
// known to be plain is put together by hand; what is not is left to it.

/** An object whose values are texts, for the most part; exactly what `JSON.stringify` makes of it. */
export function objectText(fields: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    text += `${text === '' ? '{' : ','}"${name}":${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** A text, as `JSON.stringify` writes it. */
export function quoted(text: string): string {
  return /^[\w .:@/+-]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

export function quotedOrNull(text: string | null): string {
  return text === null ? 'null' : quoted(text);
}

/** Credentials share their lists of permissions, which never change then. */
const lists = new WeakMap<readonly string[], string>();

/** A list of texts; of one that is frozen the text is made once. */
export function listText(list: readonly string[]): string {
  const known = lists.get(list);
  if (known !== undefined) return known;
  const text = JSON.stringify(list);
  if (Object.isFrozen(list)) lists.set(list, text);
  return text;
}
