// Changing one's password. The server ends all other sessions and renews this one.

import { Button, PasswordInput, Stack } from '@mantine/core';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { passwordFaults } from '../../parts/password.ts';
import { Panel } from '../../parts/states.tsx';
import { useSession } from '../../session.ts';
import { accountWords } from '../../words/account.ts';
import { partWords } from '../../words/parts.ts';
import { signInWords } from '../../words/sign-in.ts';

const words = accountWords.password;
const nothing = { current: '', password: '', repeat: '' };

export function PasswordPanel() {
  const { user } = useSession();
  const form = useForm({
    initial: nothing,
    say: { too_many_requests: signInWords.tooMany },
    fieldOf: (path) => (path === 'next' ? 'password' : path),
    check: ({ current, password, repeat }) => ({
      ...(current === '' && { current: partWords.required }),
      ...passwordFaults(password, repeat),
    }),
    send: async ({ current, password }) => {
      await api.put('/v1/self/password', { current, next: password });
      form.reset(nothing);
      await invalidate('/v1/sessions');
      showDone(words.done);
    },
  });
  return (
    <Panel title={words.title} intro={words.intro}>
      <form {...form.form}>
        <Stack gap="sm" maw={360}>
          {/* For password managers, which file the new password under it. */}
          <input type="email" name="email" value={user.email} readOnly hidden autoComplete="username" />
          <PasswordInput label={words.current} autoComplete="current-password" {...form.text('current')} />
          <PasswordInput
            label={words.next}
            description={signInWords.newPassword.hint}
            autoComplete="new-password"
            {...form.text('password')}
          />
          <PasswordInput label={words.repeat} autoComplete="new-password" {...form.text('repeat')} />
          <FormProblem form={form} />
          <Button type="submit" variant="default" loading={form.isBusy} w="fit-content">
            {words.go}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
