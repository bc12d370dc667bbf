// The first thing on a new server: its organization and owner, with the one-time link that the server printed.

import type { SetUpResponse, SetUpState } from '@keyward/sdk/wire';
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { request } from '../../api.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { useLinkToken } from '../../parts/link-token.ts';
import { passwordFaults } from '../../parts/password.ts';
import { SignInNameInput } from '../../parts/sign-in-name-input.tsx';
import { SignedOutLayout } from '../../parts/signed-out-layout.tsx';
import { signIn } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { signInWords } from '../../words/sign-in.ts';

const words = signInWords.setUp;

export function SetUpPage() {
  const token = useLinkToken();
  const state = useQuery({
    queryKey: ['/v1/set-up'],
    queryFn: () => request<SetUpState>('GET', '/v1/set-up', { quiet: true }),
  });
  const isDone = state.data?.needed === false;
  if (token !== null && !isDone) return <SetUpForm token={token} />;
  return (
    <SignedOutLayout title={words.title}>
      <Stack>
        <Text>{isDone ? words.done : words.noLink}</Text>
        <Button component={Link} to="/sign-in" variant="default">
          {words.toSignIn}
        </Button>
      </Stack>
    </SignedOutLayout>
  );
}

function SetUpForm({ token }: { token: string }) {
  const router = useRouter();
  const form = useForm({
    initial: { organization: '', name: '', email: '', password: '', repeat: '' },
    check: (values) => ({
      ...(values.organization.trim() === '' && { organization: partWords.required }),
      ...(values.name.trim() === '' && { name: partWords.required }),
      ...(values.email.trim() === '' && { email: partWords.required }),
      ...passwordFaults(values.password, values.repeat),
    }),
    send: async ({ organization, name, email, password }) => {
      const body = { token, organization: organization.trim(), name: name.trim(), email: email.trim(), password };
      await request<SetUpResponse>('POST', '/v1/set-up', { body, quiet: true });
      await signIn({ email: body.email, password });
      router.history.replace('/get-started');
    },
  });
  const passwords = signInWords.newPassword;
  return (
    <SignedOutLayout title={words.title} intro={words.intro}>
      <form {...form.form}>
        <Stack>
          <TextInput
            label={words.organization}
            description={words.organizationHint}
            autoComplete="organization"
            autoFocus
            {...form.text('organization')}
          />
          <TextInput label={words.name} autoComplete="name" {...form.text('name')} />
          <SignInNameInput label={signInWords.email} autoComplete="username" {...form.text('email')} />
          <PasswordInput
            label={signInWords.password}
            description={passwords.hint}
            autoComplete="new-password"
            {...form.text('password')}
          />
          <PasswordInput label={passwords.repeat} autoComplete="new-password" {...form.text('repeat')} />
          <FormProblem form={form} />
          <Button type="submit" loading={form.isBusy} fullWidth>
            {words.go}
          </Button>
        </Stack>
      </form>
    </SignedOutLayout>
  );
}
