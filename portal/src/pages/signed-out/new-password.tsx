// One-time links: an invitation that is accepted, or a password that is reset, each by choosing a password.

import type { LinkView } from '@keyward/sdk/wire';
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { request } from '../../api.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { useLinkToken } from '../../parts/link-token.ts';
import { showDone } from '../../parts/notice.ts';
import { passwordFaults } from '../../parts/password.ts';
import { SignedOutLayout } from '../../parts/signed-out-layout.tsx';
import { Failed, Loading } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { ApiProblem, problemOf } from '../../problem.ts';
import { signIn } from '../../session.ts';
import { signInWords } from '../../words/sign-in.ts';

const words = signInWords.newPassword;

export function NewPasswordPage() {
  const token = useLinkToken();
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => request<LinkView>('POST', '/v1/password-links/look', { body: { token }, quiet: true }),
    enabled: token !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (token === null) return <Useless text={words.noLink} />;
  if (link.data !== undefined) return <PasswordForm token={token} link={link.data} />;
  if (!link.isError) {
    return (
      <SignedOutLayout title={words.resetTitle}>
        <Loading rows={4} height={36} />
      </SignedOutLayout>
    );
  }
  const problem = problemOf(link.error);
  if (problem.status >= 400 && problem.status < 500) return <Useless text={problem.message} />;
  return (
    <SignedOutLayout title={words.resetTitle}>
      <Failed error={problem} onRetry={() => void link.refetch()} />
    </SignedOutLayout>
  );
}

function PasswordForm({ token, link }: { token: string; link: LinkView }) {
  const router = useRouter();
  const isInvitation = link.purpose === 'invitation';
  const form = useForm({
    initial: { password: '', repeat: '' },
    check: ({ password, repeat }) => passwordFaults(password, repeat),
    send: async ({ password }) => {
      await request('POST', '/v1/password-links/redeem', { body: { token, password }, quiet: true });
      try {
        await signIn({ email: link.email, password });
        router.history.replace(isInvitation ? '/get-started' : '/');
      } catch (error) {
        // The password is saved; a second factor, for one, is asked for on the sign-in page.
        if (!(error instanceof ApiProblem)) throw error;
        showDone(words.saved);
        router.history.replace('/sign-in');
      }
    },
  });
  return (
    <SignedOutLayout
      title={isInvitation ? words.welcomeTitle(link.organization) : words.resetTitle}
      intro={isInvitation ? words.welcomeIntro : words.resetIntro}
      foot={
        <>
          {words.until} <When at={link.expiresAt} form="exact" />.
        </>
      }
    >
      <form {...form.form}>
        <Stack>
          <TextInput label={words.account} value={link.email} readOnly autoComplete="username" />
          <PasswordInput
            label={words.password}
            description={words.hint}
            autoComplete="new-password"
            autoFocus
            {...form.text('password')}
          />
          <PasswordInput label={words.repeat} autoComplete="new-password" {...form.text('repeat')} />
          <FormProblem form={form} />
          <Button type="submit" loading={form.isBusy} fullWidth>
            {words.go}
          </Button>
        </Stack>
      </form>
    </SignedOutLayout>
  );
}

function Useless({ text }: { text: string }) {
  return (
    <SignedOutLayout title={words.invalid}>
      <Stack>
        <Text>{text}</Text>
        <Button component={Link} to="/sign-in" variant="default">
          {signInWords.setUp.toSignIn}
        </Button>
      </Stack>
    </SignedOutLayout>
  );
}
