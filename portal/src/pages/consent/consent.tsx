// Where a browser comes with what an application asks for. What was allowed before goes on without a question, unless any
// program could receive the answer. What is allowed is what this page showed, whatever has come to be asked for since.

import type { Consent, ConsentOutcome } from '@keyward/sdk/wire';
import { Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useParameters } from '../../address.ts';
import { request as send } from '../../api.ts';
import classes from '../../parts/consent.module.css';
import { ConsentQuestion } from '../../parts/consent.tsx';
import { SignedOutLayout } from '../../parts/signed-out-layout.tsx';
import { Loading } from '../../parts/states.tsx';
import { problemOf } from '../../problem.ts';
import { consentWords as words } from '../../words/consent.ts';

export function ConsentPage() {
  const [{ request = '' }] = useParameters();
  const asked = useQuery({
    queryKey: ['/v1/consents/look', request],
    queryFn: () => send<Consent>('POST', '/v1/consents/look', { body: { request } }),
    enabled: request !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const answer = useMutation({
    mutationFn: (shown: string[] | null) =>
      send<ConsentOutcome>('POST', '/v1/consents', {
        body: shown === null ? { request, allow: false } : { request, allow: true, permissions: shown },
      }),
    // The way back does not lead here again.
    onSuccess: ({ redirectTo }) => window.location.replace(redirectTo),
  });
  const { data } = asked;
  const { mutate } = answer;
  const goesOn = data !== undefined && isKnown(data) && !data.asksAlways;
  useEffect(() => {
    if (goesOn) mutate(namesIn(data));
  }, [goesOn, data, mutate]);
  const error = asked.error ?? answer.error;
  const problem = error === null ? null : problemOf(error);
  if (request === '') return <Refused text={words.missing} />;
  // Whoever does not say their password is left with the question.
  if (problem !== null && problem.code !== 'dismissed') return <Refused text={problem.message} />;
  if (data === undefined || (goesOn && problem === null)) {
    return (
      <SignedOutLayout title={words.waiting}>
        <Loading />
      </SignedOutLayout>
    );
  }
  return (
    <ConsentQuestion
      asked={data}
      isBusy={answer.isPending || answer.isSuccess}
      onAnswer={(allow) => mutate(allow ? namesIn(data) : null)}
    >
      <Text fz="sm">
        {words.host} <span className={`kw-mono ${classes.host}`}>{data.host}</span>
      </Text>
    </ConsentQuestion>
  );
}

function namesIn({ permissions }: Consent): string[] {
  return permissions.map(({ name }) => name);
}

function isKnown({ permissions }: Consent): boolean {
  return permissions.length > 0 && !permissions.some(({ isNew }) => isNew);
}

function Refused({ text }: { text: string }) {
  return (
    <SignedOutLayout title={words.refusedTitle}>
      <Stack>
        <Text fz="sm" role="alert">
          {text}
        </Text>
        <Button component={Link} to="/" variant="default" fullWidth>
          {words.home}
        </Button>
      </Stack>
    </SignedOutLayout>
  );
}
