// What is around every page, signed in or not: the page itself, word of a server that cannot be reached, and the dialogs
// that a request may need before it goes on.

import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useInterruption } from './interruption.ts';
import { Offline } from './parts/offline.tsx';

const Interruptions = lazy(async () => ({ default: (await import('./parts/interruptions.tsx')).Interruptions }));

export function Root() {
  const interruption = useInterruption();
  return (
    <>
      <Outlet />
      <Offline />
      <Suspense fallback={null}>{interruption !== null && <Interruptions kind={interruption} />}</Suspense>
    </>
  );
}
