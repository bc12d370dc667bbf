// The page of one thing while there is nothing of it to show: it is on its way, is gone, or could not be loaded.

import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ComponentProps } from 'react';
import { Page } from '../../parts/page.tsx';
import { Empty, Failed, Loading } from '../../parts/states.tsx';
import { problemOf } from '../../problem.ts';

interface PendingPageProps {
  title: string;
  icon: ComponentProps<typeof Empty>['icon'];
  /** The list that it is in. */
  back: { to: '/tokens' | '/applications' | '/webhooks'; label: string };
  words: { gone: string; goneText: string; toList: string };
  /** `null` where it is not one of access management. */
  section?: 'access' | null;
  error: Error | null;
  onRetry: () => void;
}

/** True for an error that says that there is no such thing any more. */
export function isGone(error: Error | null): boolean {
  return error !== null && problemOf(error).status === 404;
}

export function PendingPage({ title, icon, back, words, section = 'access', error, onRetry }: PendingPageProps) {
  return (
    <Page title={title} back={back} {...(section !== null && { section })}>
      {isGone(error) && (
        <Empty
          icon={icon}
          title={words.gone}
          action={
            <Button component={Link} to={back.to} variant="default">
              {words.toList}
            </Button>
          }
        >
          {words.goneText}
        </Empty>
      )}
      {error === null && <Loading rows={6} height={40} />}
      {error !== null && !isGone(error) && <Failed error={error} onRetry={onRetry} />}
    </Page>
  );
}
