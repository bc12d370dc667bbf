// Who is signed in, at the foot of the navigation. Its menu is loaded when somebody reaches for it: few visits need it.

import { UnstyledButton } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useOwnSession } from '../session.ts';
import { shellWords } from '../words/shell.ts';
import classes from './account-button.module.css';
import { Icon } from './icon.tsx';

const load = () => import('./account-menu.tsx');
const AccountMenu = lazy(async () => ({ default: (await load()).AccountMenu }));

export function AccountButton() {
  const [isWanted, setWanted] = useState(false);
  const { user } = useOwnSession();
  const face = <Face name={user.name || user.email} email={user.email} />;
  const closed = (
    <UnstyledButton
      className={classes.button}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setWanted(true)}
    >
      {face}
    </UnstyledButton>
  );
  if (!isWanted) return closed;
  return (
    <Suspense fallback={closed}>
      <AccountMenu className={classes.button}>{face}</AccountMenu>
    </Suspense>
  );
}

function Face({ name, email }: { name: string; email: string }): ReactNode {
  return (
    <>
      <span className="kw-hidden">{shellWords.account.menu}</span>
      <span className={classes.initials} aria-hidden>
        {initialsOf(name)}
      </span>
      <span className={classes.who}>
        <span className={classes.name}>{name}</span>
        <span className={classes.email}>{email}</span>
      </span>
      <Icon name="up" size={16} />
    </>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '').join('');
}
