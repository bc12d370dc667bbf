// The menu of who is signed in: to the account, light or dark, and out. It is open when it is first drawn.

import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { signOut } from '../session.ts';
import { shellWords } from '../words/shell.ts';
import { Icon } from './icon.tsx';
import { showProblem } from './notice.ts';

const words = shellWords.account;

export function AccountMenu({ className, children }: { className: string | undefined; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const leaving = useMutation({ mutationFn: signOut, onError: showProblem });
  const target = useRef<HTMLButtonElement>(null);
  // Opened once it stands, as if it had been clicked: the focus moves into it, and afterwards comes back to its button.
  useEffect(() => {
    target.current?.focus();
    setOpen(true);
  }, []);
  return (
    // In the navigation itself: on a phone that covers the page, which is out of reach meanwhile.
    <Menu position="top-start" width={232} opened={isOpen} onChange={setOpen} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton ref={target} className={className}>
          {children}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/account" leftSection={<Icon name="person" />}>
          {words.profile}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{words.scheme}</Menu.Label>
        <SchemeChoice />
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="leave" />} onClick={() => leaving.mutate()} closeMenuOnClick={false}>
          {words.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as typeof colorScheme)}>
      <Menu.RadioItem value="light">{words.light}</Menu.RadioItem>
      <Menu.RadioItem value="dark">{words.dark}</Menu.RadioItem>
      <Menu.RadioItem value="auto">{words.auto}</Menu.RadioItem>
    </Menu.RadioGroup>
  );
}
