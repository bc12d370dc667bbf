// Contents that take the place of others within a dialog: what was focused before is gone, so the focus goes into them.

import { type ReactNode, useEffect, useRef } from 'react';

/** Give it another `key` for other contents. The focus goes to what is marked `data-autofocus`, or to the contents as a whole. */
export function Focused({ children }: { children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const wanted = frame.current?.querySelector<HTMLElement>('[data-autofocus]') ?? frame.current;
    wanted?.focus();
  }, []);
  return (
    <div ref={frame} tabIndex={-1} style={{ outline: 'none' }}>
      {children}
    </div>
  );
}
