// From where, how, how often and until when a token works, and changing it.

import type { Token, TokenChange } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Facts, Panel } from '../../parts/states.tsx';
import { relativeTime, shortTime } from '../../parts/when.tsx';
import { accessWords } from '../../words/access.ts';
import { planWords } from '../../words/plans.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useApis } from '../access/catalogue.ts';
import { type LimitValues, tokenLimitsIn, tokenLimitValuesOf, useLimits } from '../plans/limit-values.ts';
import { ApisField, type ApisValues, apisFault, apisIn, apisValuesOf } from '../tokens/apis-field.tsx';
import { type Ends, endOf } from '../tokens/ends.ts';
import { EndsField } from '../tokens/ends-field.tsx';
import { TokenLimitsField } from '../tokens/limits-field.tsx';
import { AddressesField, addressesIn, type Use, UseField } from '../tokens/use-fields.tsx';
import { useTokenChange } from './change.ts';
import classes from './token.module.css';

const words = tokenWords.limits;

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
      <Dialog isOpen={isOpen} title={words.change} size="lg" isLong onClose={dialog.close}>
        <ChangeLimits token={token} onClose={dialog.close} />
      </Dialog>
    </Panel>
  );
}

interface Values {
  expiresAt: Ends;
  addresses: string;
  apis: ApisValues;
  limits: LimitValues[];
  use: Use;
}

function ChangeLimits({ token, onClose }: { token: Token; onClose: () => void }) {
  const changeToken = useTokenChange(token);
  const limits = useLimits();
  const form = useForm<Values>({
    initial: {
      expiresAt: { choice: token.expiresAt === null ? 'never' : 'keep', day: '' },
      addresses: token.addresses.join('\n'),
      apis: apisValuesOf(token.apis),
      limits: tokenLimitValuesOf(token.limits),
      use: token.use,
    },
    check: ({ expiresAt, apis, limits: wanted }) => ({
      expiresAt: endOf(expiresAt) === undefined ? tokensWords.ends.dayNeeded : undefined,
      // One whose APIs are all gone may stay so.
      apis: token.apis?.length === 0 ? undefined : apisFault(apis),
      limits: limits.check(wanted),
    }),
    send: async (values) => {
      const change = changeIn(token, values);
      if (Object.keys(change).length > 0) {
        await limits.sending(() => changeToken(change));
        showDone(tokenWords.rename.done);
      }
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <EndsField present={token.expiresAt} {...form.value('expiresAt')} />
      <AddressesField {...form.text('addresses')} />
      <ApisField {...form.value('apis')} />
      <TokenLimitsField state={limits} {...form.value('limits')} />
      <UseField value={form.values.use} onChange={(use) => form.set('use', use)} />
      <Text fz="sm" c="dimmed">
        {words.sooner}
      </Text>
    </DialogForm>
  );
}

/** What differs from the token. */
function changeIn(token: Token, { expiresAt, addresses, apis, limits, use }: Values): TokenChange {
  const wanted = addressesIn(addresses);
  const [wantedApis, wantedLimits] = [apisIn(apis), tokenLimitsIn(limits)];
  const end = endOf(expiresAt);
  return {
    ...(expiresAt.choice !== 'keep' && end !== undefined && end !== token.expiresAt && { expiresAt: end }),
    ...(wanted.join() !== token.addresses.join() && { addresses: wanted }),
    ...(!isSame(wantedApis, token.apis) && { apis: wantedApis }),
    ...(!isSame(wantedLimits, token.limits) && { limits: wantedLimits }),
    ...(use !== token.use && { use }),
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
