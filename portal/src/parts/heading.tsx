// A page's heading, which takes the focus when one comes from another page, so that a screen reader says where one is.

import { Title } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useCustomer } from '../session.ts';
import { shellWords } from '../words/shell.ts';

/** True once a page has been shown: the very first one leaves the focus where the browser puts it. */
let isSecond = false;

/** The page's one h1; also names the window. */
export function Heading({ title }: { title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const customer = useCustomer();
  useEffect(() => {
    document.title = [title, ...(customer === undefined ? [] : [customer.name]), shellWords.product].join(' · ');
  }, [title, customer]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new path is a new page.
  useEffect(() => {
    if (isSecond) heading.current?.focus({ preventScroll: true });
    isSecond = true;
  }, [path]);
  return (
    <Title order={1} ref={heading} tabIndex={-1}>
      {title}
    </Title>
  );
}
