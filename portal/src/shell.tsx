// The frame of every page that the signed in see: navigation, the account's menu, and a way past both by keyboard. What
// somebody may not see is left out; the server would refuse it anyway.

import { Burger, Text } from '@mantine/core';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { actingFor } from './acting.ts';
import { type Entry, isOpenTo, sections } from './navigation.ts';
import { AccountButton } from './parts/account-button.tsx';
import { ActingBand } from './parts/acting-band.tsx';
import { useInstead } from './parts/acting-instead.tsx';
import { Brand } from './parts/brand.tsx';
import { Icon } from './parts/icon.tsx';
import { OrganizationButton } from './parts/organization-button.tsx';
import { Overlays } from './parts/overlays.tsx';
import { useSession } from './session.ts';
import classes from './shell.module.css';
import { shellWords } from './words/shell.ts';

export function Shell() {
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const burger = useRef<HTMLButtonElement>(null);
  const instead = useInstead();
  const isActing = actingFor !== null && instead === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes.
  useEffect(() => setOpen(false), [path]);
  const close = () => {
    setOpen(false);
    burger.current?.focus();
  };
  return (
    <div className={classes.shell} data-open={isOpen || undefined} data-acting={isActing || undefined}>
      <a href="#page" className={classes.skip}>
        {shellWords.skip}
      </a>
      {isActing && <ActingBand />}
      <header className={classes.header}>
        <Brand />
        <Burger
          ref={burger}
          opened={isOpen}
          onClick={() => setOpen(!isOpen)}
          size="sm"
          aria-label={isOpen ? shellWords.closeMenu : shellWords.openMenu}
          aria-expanded={isOpen}
          aria-controls="navigation"
        />
      </header>
      <nav
        id="navigation"
        aria-label={shellWords.navigation}
        className={classes.navigation}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && isOpen && !event.defaultPrevented) close();
        }}
      >
        <div className={classes.top}>
          <Link to="/" className={classes.brand}>
            <Brand />
          </Link>
        </div>
        {instead === null && <OrganizationButton />}
        <div className={classes.scroll}>{instead === null && <Sections path={path} />}</div>
        <div className={classes.bottom}>
          <AccountButton />
        </div>
      </nav>
      <main className={classes.main} id="page" tabIndex={-1} {...(isOpen && { inert: true })}>
        {instead ?? <Outlet />}
        <Overlays />
      </main>
    </div>
  );
}

function Sections({ path }: { path: string }) {
  return sections.map((section) => <Section key={section.label ?? ''} {...section} path={path} />);
}

function Section({ label, entries, path }: { label: string | null; entries: readonly Entry[]; path: string }) {
  const session = useSession();
  const shown = entries.filter((entry) => isOpenTo(session, entry));
  if (shown.length === 0) return null;
  return (
    <div className={classes.section}>
      {label !== null && <Text className={classes.label}>{label}</Text>}
      <ul className={classes.list}>
        {shown.map(({ to, label: name, icon }) => {
          const isHere = path === to || path.startsWith(`${to}/`);
          return (
            <li key={to}>
              <Link to={to} className={classes.link} {...(isHere && { 'aria-current': 'page' as const })}>
                <Icon name={icon} />
                {name}
              </Link>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
