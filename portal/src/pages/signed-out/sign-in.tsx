// Signing in: e-mail and password, then a code where a second factor is on. Where to go afterwards stands in the address
// and leads to this portal only.

import type { SetUpState } from '@keyward/sdk/wire';
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { ownPath, useParameters } from '../../address.ts';
import { request } from '../../api.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { SignInNameInput } from '../../parts/sign-in-name-input.tsx';
import { SignedOutLayout } from '../../parts/signed-out-layout.tsx';
import { ApiProblem } from '../../problem.ts';
import { signIn } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { signInWords } from '../../words/sign-in.ts';

const say = { invalid_credential: signInWords.refused, too_many_requests: signInWords.tooMany };

export function SignInPage() {
  const [password, setPassword] = useState<{ email: string; password: string } | null>(null);
  const [parameters] = useParameters();
  const router = useRouter();
  const enter = () => router.history.replace(ownPath(parameters.to));
  if (password !== null) return <CodeForm {...password} onBack={() => setPassword(null)} onDone={enter} />;
  return <PasswordForm onNeedsCode={setPassword} onDone={enter} />;
}

interface PasswordFormProps {
  onNeedsCode: (typed: { email: string; password: string }) => void;
  onDone: () => void;
}

function PasswordForm({ onNeedsCode, onDone }: PasswordFormProps) {
  const setUp = useQuery({
    queryKey: ['/v1/set-up'],
    queryFn: () => request<SetUpState>('GET', '/v1/set-up', { quiet: true }),
    retry: false,
  });
  const form = useForm({
    initial: { email: '', password: '' },
    say,
    check: ({ email, password }) => ({
      ...(email.trim() === '' && { email: partWords.required }),
      ...(password === '' && { password: partWords.required }),
    }),
    send: async ({ email, password }) => {
      const typed = { email: email.trim(), password };
      try {
        await signIn(typed);
        onDone();
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'second_factor_required') throw error;
        onNeedsCode(typed);
      }
    },
  });
  return (
    <SignedOutLayout
      title={signInWords.title}
      intro={signInWords.intro}
      foot={setUp.data?.needed ? undefined : signInWords.forgot}
    >
      <form {...form.form}>
        <Stack>
          {setUp.data?.needed && <Text fz="sm">{signInWords.needsSetUp}</Text>}
          <SignInNameInput label={signInWords.email} autoComplete="username" autoFocus {...form.text('email')} />
          <PasswordInput label={signInWords.password} autoComplete="current-password" {...form.text('password')} />
          <FormProblem form={form} />
          <Button type="submit" loading={form.isBusy} fullWidth>
            {signInWords.go}
          </Button>
        </Stack>
      </form>
    </SignedOutLayout>
  );
}

function CodeForm({
  email,
  password,
  onBack,
  onDone,
}: {
  email: string;
  password: string;
  onBack: () => void;
  onDone: () => void;
}) {
  const words = signInWords.secondFactor;
  const form = useForm({
    initial: { code: '' },
    say: { ...say, second_factor_required: words.wrong },
    check: ({ code }) => (code.trim() === '' ? { code: partWords.required } : {}),
    send: async ({ code }) => {
      await signIn({ email, password, code: code.trim() });
      onDone();
    },
  });
  return (
    <SignedOutLayout title={words.title} intro={words.intro}>
      <form {...form.form}>
        <Stack>
          <TextInput label={words.code} autoComplete="one-time-code" autoFocus {...form.text('code')} />
          <FormProblem form={form} />
          <Button type="submit" loading={form.isBusy} fullWidth>
            {words.go}
          </Button>
          <Button variant="subtle" onClick={onBack} fullWidth>
            {words.back}
          </Button>
        </Stack>
      </form>
    </SignedOutLayout>
  );
}
