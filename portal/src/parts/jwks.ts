// Public keys as people paste them: a set (RFC 7517), or one key. What is in them, the server judges.

export interface JwkSet {
  keys: Record<string, unknown>[];
}

/** Null for no text; undefined where it is no key and no set of keys. */
export function keysIn(text: string): JwkSet | null | undefined {
  if (text.trim() === '') return null;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null) return undefined;
  if ('kty' in read) return { keys: [read as Record<string, unknown>] };
  return 'keys' in read && Array.isArray(read.keys) ? { keys: read.keys } : undefined;
}
