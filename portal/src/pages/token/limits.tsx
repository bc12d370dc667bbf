// From where, how and until when a token works, and changing it.

import type { Token, TokenChange } from '@keyward/sdk/wire';
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Facts, Panel } from '../../parts/states.tsx';
import { relativeTime, shortTime } from '../../parts/when.tsx';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { type Ends, endOf } from '../tokens/ends.ts';
import { EndsField } from '../tokens/ends-field.tsx';
import { AddressesField, addressesIn, type Use, UseField } from '../tokens/use-fields.tsx';
import { useTokenChange } from './change.ts';
import classes from './token.module.css';

const words = tokenWords.limits;

export function LimitsPanel({ token, mayChange }: { token: Token; mayChange: boolean }) {
  const [isOpen, dialog] = useDisclosure(false);
  const { expiresAt, addresses, use } = token;
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
  use: Use;
}

function ChangeLimits({ token, onClose }: { token: Token; onClose: () => void }) {
  const changeToken = useTokenChange(token);
  const form = useForm<Values>({
    initial: {
      expiresAt: { choice: token.expiresAt === null ? 'never' : 'keep', day: '' },
      addresses: token.addresses.join('\n'),
      use: token.use,
    },
    check: ({ expiresAt }) => (endOf(expiresAt) === undefined ? { expiresAt: tokensWords.ends.dayNeeded } : {}),
    send: async (values) => {
      const change = changeIn(token, values);
      if (Object.keys(change).length > 0) {
        await changeToken(change);
        showDone(tokenWords.rename.done);
      }
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <EndsField present={token.expiresAt} {...form.value('expiresAt')} />
      <AddressesField {...form.text('addresses')} />
      <UseField value={form.values.use} onChange={(use) => form.set('use', use)} />
      <Text fz="sm" c="dimmed">
        {words.sooner}
      </Text>
    </DialogForm>
  );
}

/** What differs from the token. */
function changeIn(token: Token, { expiresAt, addresses, use }: Values): TokenChange {
  const wanted = addressesIn(addresses);
  const end = endOf(expiresAt);
  return {
    ...(expiresAt.choice !== 'keep' && end !== undefined && end !== token.expiresAt && { expiresAt: end }),
    ...(wanted.join() !== token.addresses.join() && { addresses: wanted }),
    ...(use !== token.use && { use }),
  };
}
