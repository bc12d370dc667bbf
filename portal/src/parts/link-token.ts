// The token of a one-time link, which stands behind the # of the address: no server and no log ever sees it there. It is
// taken out of the address at once, so that neither history nor a look at the screen keeps it (S8).

import { useState } from 'react';

const taken = new Map<string, string>();

/** The token, or null where the address has none. It survives a renewed drawing of the page, not a reload. */
export function useLinkToken(): string | null {
  const [token] = useState(() => {
    const { pathname, hash } = window.location;
    if (hash.length > 1) {
      taken.set(pathname, hash.slice(1));
      window.history.replaceState(window.history.state, '', pathname);
    }
    return taken.get(pathname) ?? null;
  });
  return token;
}
