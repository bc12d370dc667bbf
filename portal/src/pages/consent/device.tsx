// Where somebody brings the code that a device shows, sees who asks for what and from where, and answers. A code that came
// with the address is filled in and no more: nothing is asked of anybody before they have looked at their device.

import type { Device, DeviceOutcome } from '@keyward/sdk/wire';
import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useParameters } from '../../address.ts';
import { request as send } from '../../api.ts';
import classes from '../../parts/consent.module.css';
import { ConsentQuestion } from '../../parts/consent.tsx';
import { FormProblem, ProblemNote, useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { SignedOutLayout } from '../../parts/signed-out-layout.tsx';
import { problemOf } from '../../problem.ts';
import { deviceWords as words } from '../../words/device.ts';

interface Found {
  userCode: string;
  device: Device;
}

export function DevicePage() {
  const [{ user_code: given = '' }] = useParameters();
  const [found, setFound] = useState<Found | null>(null);
  const [isAllowed, setAllowed] = useState<boolean | null>(null);
  if (isAllowed !== null) return <Answered isAllowed={isAllowed} />;
  if (found !== null) return <Question found={found} onAnswered={setAllowed} />;
  return <CodeForm given={given} onFound={setFound} />;
}

function CodeForm({ given, onFound }: { given: string; onFound: (found: Found) => void }) {
  const form = useForm({
    initial: { userCode: given.slice(0, 64) },
    say: { too_many_requests: words.tooMany },
    check: ({ userCode }) => (userCode.trim() === '' ? { userCode: words.missing } : {}),
    send: async ({ userCode }) => {
      onFound({ userCode, device: await send<Device>('POST', '/v1/devices/look', { body: { userCode } }) });
    },
  });
  return (
    <SignedOutLayout title={words.title} intro={words.intro}>
      <form {...form.form}>
        <Stack>
          <TextInput
            label={words.code}
            description={words.codeNote}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={64}
            autoFocus
            {...form.text('userCode')}
          />
          <FormProblem form={form} />
          <Button type="submit" loading={form.isBusy} fullWidth>
            {words.go}
          </Button>
        </Stack>
      </form>
    </SignedOutLayout>
  );
}

function Question({ found, onAnswered }: { found: Found; onAnswered: (isAllowed: boolean) => void }) {
  const { userCode, device } = found;
  const answer = useMutation({
    mutationFn: (allow: boolean) =>
      send<DeviceOutcome>('POST', '/v1/devices', {
        // What is allowed is what this page showed.
        body: { userCode, allow, ...(allow && { permissions: device.permissions.map(({ name }) => name) }) },
      }),
    onSuccess: ({ allowed }) => onAnswered(allowed),
  });
  const problem = answer.error === null ? null : problemOf(answer.error);
  return (
    <ConsentQuestion
      asked={device}
      isBusy={answer.isPending}
      onAnswer={(allow) => answer.mutate(allow)}
      back={words.deny}
      go={words.allow}
    >
      <div>
        <Text fz="sm">{words.compare}</Text>
        <Text className={`kw-mono ${classes.code}`}>{shown(userCode)}</Text>
      </div>
      <Text fz="sm">
        {words.from} <span className={`kw-mono ${classes.host}`}>{device.address}</span>
      </Text>
      <Alert color="orange" variant="outline" icon={<Icon name="alert" />} p="sm">
        <Text fz="sm" fw={600}>
          {words.warning}
        </Text>
        <Text fz="sm">{words.phishing}</Text>
      </Alert>
      <ProblemNote message={problem === null || problem.code === 'dismissed' ? null : problem.message} />
    </ConsentQuestion>
  );
}

function Answered({ isAllowed }: { isAllowed: boolean }) {
  return (
    <SignedOutLayout title={isAllowed ? words.allowed : words.denied}>
      <Stack>
        <Text fz="sm">{isAllowed ? words.allowedText : words.deniedText}</Text>
        <Button component={Link} to="/" variant="default" fullWidth>
          {words.home}
        </Button>
      </Stack>
    </SignedOutLayout>
  );
}

/** As the device shows it, however it was typed: the server has taken it for a code. */
function shown(typed: string): string {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, '');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
