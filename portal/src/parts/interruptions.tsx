// The dialogs that a request may need before it goes on: signing in again, and the password once more. They lie over the
// page and leave it as it is.

import { Anchor, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { request } from '../api.ts';
import { type Interruption, settle } from '../interruption.ts';
import { ApiProblem } from '../problem.ts';
import { leave, queries, sessionQuery, signIn } from '../session.ts';
import { shellWords } from '../words/shell.ts';
import { signInWords } from '../words/sign-in.ts';
import { Dialog, DialogForm } from './dialog.tsx';
import { useForm } from './form.tsx';

export function Interruptions({ kind }: { kind: Interruption }) {
  const { again, confirm } = shellWords;
  const giveUp = () => settle(kind, false);
  return (
    <Dialog key={kind} isOpen title={kind === 'sign-in' ? again.title : confirm.title} onClose={giveUp}>
      {kind === 'sign-in' ? <SignInAgain onCancel={giveUp} /> : <ConfirmPassword onCancel={giveUp} />}
    </Dialog>
  );
}

function SignInAgain({ onCancel }: { onCancel: () => void }) {
  const words = shellWords.again;
  const email = queries.getQueryData(sessionQuery.queryKey)?.user.email ?? '';
  const form = useForm({
    initial: { password: '', code: '', needsCode: false },
    say: { invalid_credential: signInWords.refused, too_many_requests: signInWords.tooMany },
    send: async ({ password, code, needsCode }) => {
      try {
        await signIn({ email, password, ...(needsCode && { code: code.trim() }) });
        settle('sign-in', true);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'second_factor_required') throw error;
        form.set('needsCode', true);
        if (needsCode) throw new ApiProblem('wrong_code', 401, signInWords.secondFactor.wrong);
      }
    },
  });
  return (
    <DialogForm form={form} go={signInWords.go} onCancel={onCancel}>
      <Text>{words.text}</Text>
      <TextInput label={signInWords.email} value={email} readOnly autoComplete="username" />
      <PasswordInput
        label={signInWords.password}
        autoComplete="current-password"
        data-autofocus
        {...form.text('password')}
      />
      {form.values.needsCode && (
        <TextInput
          label={signInWords.secondFactor.code}
          autoComplete="one-time-code"
          inputMode="text"
          autoFocus
          {...form.text('code')}
        />
      )}
      <Anchor component="button" type="button" fz="sm" onClick={leave} ta="left">
        {words.leave}
      </Anchor>
    </DialogForm>
  );
}

function ConfirmPassword({ onCancel }: { onCancel: () => void }) {
  const words = shellWords.confirm;
  const form = useForm({
    initial: { password: '' },
    say: { too_many_requests: signInWords.tooMany },
    send: async ({ password }) => {
      await request('POST', '/v1/session/confirmation', { body: { password }, quiet: true });
      settle('confirmation', true);
    },
  });
  return (
    <DialogForm form={form} go={words.go} onCancel={onCancel}>
      <Stack gap="md">
        <Text>{words.text}</Text>
        <PasswordInput
          label={words.password}
          autoComplete="current-password"
          data-autofocus
          {...form.text('password')}
        />
      </Stack>
    </DialogForm>
  );
}
