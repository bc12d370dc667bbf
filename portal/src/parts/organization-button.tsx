// In whose organization one is, at the head of the navigation; for who may work in others, the way there. What finds them
// is loaded when somebody reaches for it.

import { Text, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useRef, useState } from 'react';
import { mayAct, useOwnSession, useSession } from '../session.ts';
import classes from '../shell.module.css';
import { actingWords } from '../words/acting.ts';
import acting from './acting.module.css';
import { Icon } from './icon.tsx';

const load = () => import('./organization-picker.tsx');
const OrganizationPicker = lazy(async () => ({ default: (await load()).OrganizationPicker }));

export function OrganizationButton() {
  const [isWanted, setWanted] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const own = useOwnSession();
  const { name } = useSession().organization;
  if (!mayAct(own)) {
    return (
      <Text className={classes.organization} title={name}>
        {name}
      </Text>
    );
  }
  const closed = (
    <UnstyledButton
      ref={button}
      className={acting.switch}
      aria-haspopup="listbox"
      aria-expanded={false}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setWanted(true)}
    >
      <span title={name}>
        <span className="kw-hidden">{actingWords.picker.open}</span> {name}
      </span>
      <Icon name="down" size={16} />
    </UnstyledButton>
  );
  if (!isWanted) return closed;
  const close = (isByKeyboard: boolean) => {
    setWanted(false);
    if (isByKeyboard) setTimeout(() => button.current?.focus());
  };
  return (
    <Suspense fallback={closed}>
      <OrganizationPicker onClose={close} />
    </Suspense>
  );
}
