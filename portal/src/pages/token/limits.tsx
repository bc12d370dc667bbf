// From where, how, how often and until when a token works.

import type { Token } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy } from 'react';
import { Facts, Panel } from '../../parts/states.tsx';
import { relativeTime, shortTime } from '../../parts/when.tsx';
import { WhenOpened } from '../../parts/when-opened.tsx';
import { accessWords } from '../../words/access.ts';
import { planWords } from '../../words/plans.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useApis } from '../access/catalogue.ts';
import classes from './token.module.css';

const words = tokenWords.limits;
const ChangeLimits = lazy(async () => ({ default: (await import('./change-limits.tsx')).ChangeLimits }));

export function LimitsPanel({ token, mayChange }: { token: Token; mayChange: boolean }) {
  const [isOpen, dialog] = useDisclosure(false);
  const { expiresAt, addresses, apis, limits, use } = token;
  const known = useApis();
  const nameOf = (handle: string) => known.find((one) => one.handle === handle)?.name ?? handle;
  return (
    <Panel
      title={words.title}
      actions={
        mayChange && (
          <Button variant="default" size="sm" aria-label={words.change} onClick={dialog.open}>
            {tokenWords.act.change}
          </Button>
        )
      }
    >
      <Facts
        rows={[
          [words.ends, expiresAt === null ? accessWords.noEnd : `${shortTime(expiresAt)} (${relativeTime(expiresAt)})`],
          [
            words.addresses,
            addresses.length === 0 ? (
              words.anywhere
            ) : (
              <span key="addresses" className={`${classes.lines} kw-mono`}>
                {addresses.map((address) => (
                  <span key={address}>{address}</span>
                ))}
              </span>
            ),
          ],
          ...(known.length < 2 && apis === null
            ? []
            : [[words.apis, apis === null ? words.allApis : apis.map(nameOf).join(', ') || words.noApi] as const]),
          [
            words.calls,
            limits.length === 0 ? (
              words.byPlan
            ) : (
              <span key="calls" className={classes.lines}>
                {limits.map(({ limit, windowMs }) => (
                  <span key={windowMs}>{planWords.callsOf(limit.toLocaleString(), planWords.window(windowMs))}</span>
                ))}
              </span>
            ),
          ],
          [
            words.use,
            <>
              {tokensWords.use[use]}
              <Text component="span" fz="sm" c="dimmed" display="block">
                {tokensWords.use[`${use}Hint`]}
              </Text>
            </>,
          ],
        ]}
      />
      <WhenOpened isOpen={isOpen}>
        <ChangeLimits token={token} isOpen={isOpen} onClose={dialog.close} />
      </WhenOpened>
    </Panel>
  );
}
