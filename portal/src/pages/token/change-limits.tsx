// Changing from where, how, how often and until when a token works, in a dialog that is loaded when it is opened.

import type { Token, TokenChange } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { type LimitValues, tokenLimitsIn, tokenLimitValuesOf, useLimits } from '../plans/limit-values.ts';
import { LimitsField } from '../plans/limits-field.tsx';
import { ApisField, type ApisValues, apisFault, apisIn, apisValuesOf } from '../tokens/apis-field.tsx';
import { type Ends, endOf } from '../tokens/ends.ts';
import { EndsField } from '../tokens/ends-field.tsx';
import { AddressesField, addressesIn, type Use, UseField } from '../tokens/use-fields.tsx';
import { useTokenChange } from './change.ts';

const words = tokenWords.limits;

interface ChangeLimitsProps {
  token: Token;
  isOpen: boolean;
  onClose: () => void;
}

export function ChangeLimits({ token, isOpen, onClose }: ChangeLimitsProps) {
  return (
    <Dialog isOpen={isOpen} title={words.change} size="lg" isLong onClose={onClose}>
      <ChangeForm token={token} onClose={onClose} />
    </Dialog>
  );
}

interface Values {
  expiresAt: Ends;
  addresses: string;
  apis: ApisValues;
  limits: LimitValues[];
  use: Use;
}

function ChangeForm({ token, onClose }: { token: Token; onClose: () => void }) {
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
      <LimitsField of="token" state={limits} {...form.value('limits')} />
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
