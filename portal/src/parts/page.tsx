// A page: its heading; what it is for; its main actions; its contents.

import { Group, Text } from '@mantine/core';
import { Link, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { accessEntries, isOpenTo } from '../navigation.ts';
import { useSession } from '../session.ts';
import { shellWords } from '../words/shell.ts';
import { Heading } from './heading.tsx';
import classes from './page.module.css';

export interface PageProps {
  title: string;
  intro?: ReactNode;
  /** Buttons; the main one last. */
  actions?: ReactNode;
  /** Pages of access management show its tabs. */
  section?: 'access';
  /** Above the heading: a way back, as `{ to: '/tokens', label: 'API tokens' }`. */
  back?: { to: string; label: string };
  /** Beside the heading, such as a badge. */
  aside?: ReactNode;
  /** `narrow` for forms and text. */
  width?: 'wide' | 'narrow';
  children: ReactNode;
}

export function Page({ title, intro, actions, section, back, aside, width = 'wide', children }: PageProps) {
  return (
    <div className={classes.page} data-width={width}>
      {section === 'access' && <AccessTabs />}
      {back !== undefined && (
        <Link to={back.to} className={classes.back}>
          ← {back.label}
        </Link>
      )}
      <Group
        justify="space-between"
        align="flex-start"
        gap="md"
        mb={intro ? { base: 12, sm: 4 } : 'lg'}
        className={classes.head}
      >
        <Group gap="sm" className={classes.title}>
          <Heading title={title} />
          {aside}
        </Group>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {intro !== undefined && (
        <Text c="dimmed" mb="lg" maw={720}>
          {intro}
        </Text>
      )}
      {children}
    </div>
  );
}

function AccessTabs() {
  const session = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const shown = accessEntries.filter((entry) => isOpenTo(session, entry));
  const { path: above, section } = shellWords.accessTabs;
  return (
    <>
      <Text fz={13} c="dimmed" mb={6}>
        {above} › {section}
      </Text>
      <nav aria-label={section} className={classes.tabs}>
        {shown.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            className={classes.tab}
            {...(path.startsWith(to) && { 'aria-current': 'page' as const })}
          >
            {label}
          </Link>
        ))}
      </nav>
    </>
  );
}
