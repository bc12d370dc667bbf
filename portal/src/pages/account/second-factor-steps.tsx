// Turning the second factor on, in three steps: the password, the app, the recovery codes. The secret and the codes are
// shown here and kept nowhere.

import type { PreparedSecondFactor, RecoveryCodes } from '@keyward/sdk/wire';
import { Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { encode } from 'uqr';
import { api } from '../../api.ts';
import { Code, Copyable } from '../../parts/copy.tsx';
import { DialogForm } from '../../parts/dialog.tsx';
import { download } from '../../parts/download.ts';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { LeaveGuard } from '../../parts/leave-guard.tsx';
import { accountWords } from '../../words/account.ts';
import { signInWords } from '../../words/sign-in.ts';
import classes from './second-factor-steps.module.css';

const words = accountWords.secondFactor;

export interface SecondFactorStepsProps {
  /** The recovery codes are about to be shown, this once. */
  onCodes: () => void;
  onClose: () => void;
}

export function SecondFactorSteps({ onCodes, onClose }: SecondFactorStepsProps) {
  const [prepared, setPrepared] = useState<PreparedSecondFactor | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes !== null) return <Codes codes={codes} onClose={onClose} />;
  const show = (made: string[]) => {
    setCodes(made);
    onCodes();
  };
  if (prepared !== null) return <App prepared={prepared} onDone={show} onClose={onClose} />;
  return <Password onDone={setPrepared} onClose={onClose} />;
}

function Password({ onDone, onClose }: { onDone: (prepared: PreparedSecondFactor) => void; onClose: () => void }) {
  const form = useForm({
    initial: { password: '' },
    say: { too_many_requests: signInWords.tooMany },
    send: async ({ password }) => onDone(await api.post<PreparedSecondFactor>('/v1/self/second-factor', { password })),
  });
  return (
    <DialogForm form={form} go={words.next} onCancel={onClose}>
      <Text>{words.passwordText}</Text>
      <PasswordInput label={words.password} autoComplete="current-password" data-autofocus {...form.text('password')} />
    </DialogForm>
  );
}

interface AppProps {
  prepared: PreparedSecondFactor;
  onDone: (codes: string[]) => void;
  onClose: () => void;
}

function App({ prepared, onDone, onClose }: AppProps) {
  const form = useForm({
    initial: { code: '' },
    send: async ({ code }) => {
      const answer = await api.post<RecoveryCodes>('/v1/self/second-factor/confirmation', { code: code.trim() });
      onDone(answer.recoveryCodes);
    },
  });
  return (
    <DialogForm form={form} go={words.confirm} onCancel={onClose}>
      <Text>{words.scan}</Text>
      <Picture text={prepared.uri} />
      <div>
        <Text fz="sm" fw={600}>
          {words.key}
        </Text>
        <Copyable text={prepared.secret} />
      </div>
      <TextInput label={words.code} autoComplete="one-time-code" inputMode="numeric" autoFocus {...form.text('code')} />
    </DialogForm>
  );
}

/** A QR code, dark on light in either scheme: scanners want it so. */
function Picture({ text }: { text: string }) {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { border: 2 });
    const squares = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size, path: squares.join('') };
  }, [text]);
  return (
    <svg className={classes.picture} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={words.qr}>
      <path d={path} />
    </svg>
  );
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const text = codes.join('\n');
  return (
    <Stack gap="md">
      <LeaveGuard />
      <Text fw={600}>{words.codesTitle}</Text>
      <Text>{words.codesText}</Text>
      <Code text={text} label={words.codesTitle} />
      <Group justify="space-between">
        <Button
          variant="default"
          leftSection={<Icon name="download" size={16} />}
          onClick={() => download('keyward-recovery-codes.txt', `${text}\n`)}
        >
          {words.download}
        </Button>
        <Button onClick={onClose}>{words.codesDone}</Button>
      </Group>
    </Stack>
  );
}
