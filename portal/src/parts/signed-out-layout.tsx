// The frame of the pages that one sees before being signed in: the sign, a heading, a form, in the middle of the page.

import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Brand } from './brand.tsx';
import { Heading } from './heading.tsx';
import { Overlays } from './overlays.tsx';
import classes from './signed-out-layout.module.css';

export function SignedOutLayout({
  title,
  intro,
  children,
  foot,
}: {
  title: string;
  intro?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}) {
  return (
    <main className={classes.page}>
      <div className={classes.brand}>
        <Brand size={32} />
      </div>
      <div className={classes.card}>
        <Heading title={title} />
        {intro !== undefined && (
          <Text c="dimmed" mt={4} component="div">
            {intro}
          </Text>
        )}
        <div className={classes.body}>{children}</div>
      </div>
      {foot !== undefined && (
        <Text className={classes.foot} c="dimmed" fz="sm" component="div">
          {foot}
        </Text>
      )}
      <Overlays />
    </main>
  );
}
