// Dialogs that weigh much and are opened by few: each is loaded when it is first opened, and then stays.

import { type ReactNode, Suspense, useState } from 'react';

/** `children` are a lazy component that has the whole dialog, so that the focus goes into it when it comes. */
export function WhenOpened({ isOpen, children }: { isOpen: boolean; children: ReactNode }) {
  const [wasOpened, setOpened] = useState(isOpen);
  if (isOpen && !wasOpened) setOpened(true);
  return wasOpened && <Suspense fallback={null}>{children}</Suspense>;
}
