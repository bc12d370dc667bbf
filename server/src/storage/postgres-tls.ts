// What `sslmode` in the address of a PostgreSQL database means. Nothing weaker than it says, and where the driver is stricter
// than PostgreSQL's own clients, it stays so. It opens nothing.

/** Modes that PostgreSQL's own clients let pass without knowing whom they speak to, or in clear. */
const asStrictAsCan = new Set(['prefer', 'require', 'verify-ca']);

/**
 * The address as the driver takes it: `verify-ca` with `sslrootcert` trusts whatever that authority signed, by any name;
 * without one, and with `require` and `prefer`, authority and name are both checked, as with `verify-full`.
 */
export function withTlsModes(url: string): string {
  const mode = /[?&]sslmode=([^&#]*)/.exec(url)?.[1] ?? '';
  if (!asStrictAsCan.has(mode)) return url;
  const parsed = new URL(url);
  if (parsed.searchParams.has('uselibpqcompat')) return url;
  if (mode === 'verify-ca' && parsed.searchParams.has('sslrootcert')) parsed.searchParams.set('uselibpqcompat', 'true');
  else parsed.searchParams.set('sslmode', 'verify-full');
  return parsed.href;
}
