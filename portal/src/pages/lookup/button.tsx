// The way to find out whose a credential is, for who may look in every organization. What looks is loaded when it is opened.

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { actingFor } from '../../acting.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Loading } from '../../parts/states.tsx';
import { mayAct, useOwnSession } from '../../session.ts';
import { tokensWords } from '../../words/tokens.ts';

const Find = lazy(async () => ({ default: (await import('./dialog.tsx')).Find }));
const words = tokensWords.find;

/** Nothing for others, and while one works in an organization. */
export function FindCredential() {
  const [isOpen, dialog] = useDisclosure(false);
  if (!mayAct(useOwnSession()) || actingFor !== null) return null;
  return (
    <>
      <Button variant="default" leftSection={<Icon name="search" size={16} />} onClick={dialog.open}>
        {words.button}
      </Button>
      <Dialog isOpen={isOpen} title={words.title} size="lg" onClose={dialog.close}>
        <Suspense fallback={<Loading />}>
          <Find onClose={dialog.close} />
        </Suspense>
      </Dialog>
    </>
  );
}
