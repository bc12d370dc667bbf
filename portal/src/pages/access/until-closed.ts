// A value that stays for the moment in which the dialog that shows it closes, and is then forgotten: secrets are not kept.

import { useEffect, useState } from 'react';

/** Longer than a dialog takes to vanish. */
const closingMs = 200;

export function useUntilClosed<T>(value: T | null): T | null {
  const [last, setLast] = useState(value);
  useEffect(() => {
    if (value !== null) {
      setLast(value);
      return;
    }
    const timer = setTimeout(() => setLast(null), closingMs);
    return () => clearTimeout(timer);
  }, [value]);
  return value ?? last;
}
