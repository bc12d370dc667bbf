// Rotating a token: for how long the old secret goes on working is asked first.

import type { RotatedToken, Token } from '@keyward/sdk/wire';
import { Alert, NativeSelect, Text } from '@mantine/core';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { tokenWords } from '../../words/token.ts';
import { renewing } from '../access/renewing.ts';

const words = tokenWords.rotate;

export interface RotateTokenProps {
  token: Token;
  onMade: (made: RotatedToken) => void;
  onCancel: () => void;
}

export function RotateToken({ token, onMade, onCancel }: RotateTokenProps) {
  // Only two secrets may work at a time.
  const isRunning = token.rotation !== null;
  const form = useForm({
    initial: { overlapSeconds: isRunning ? '0' : '86400' },
    send: async ({ overlapSeconds }) => {
      const body = { overlapSeconds: Number(overlapSeconds) };
      const path = `/v1/tokens/${part(token.id)}/rotate`;
      onMade(await renewing('token', ['/v1/tokens', '/v1/journal'], () => api.post<RotatedToken>(path, body)));
    },
  });
  const isAtOnce = form.values.overlapSeconds === '0';
  return (
    <DialogForm form={form} go={words.go} isDangerous={isAtOnce} onCancel={onCancel}>
      {!isRunning && <Text>{words.text}</Text>}
      {isRunning && (
        <Alert color="orange" variant="outline" icon={<Icon name="alert" />} p="sm">
          {words.running}
        </Alert>
      )}
      <NativeSelect
        label={words.overlap}
        data-autofocus
        data={words.choices
          .filter(([seconds]) => !isRunning || seconds === 0)
          .map(([seconds, label]) => ({ value: String(seconds), label }))}
        value={form.values.overlapSeconds}
        onChange={({ currentTarget }) => form.set('overlapSeconds', currentTarget.value)}
      />
      <Text fz="sm" c="dimmed" role="status">
        {isAtOnce ? words.atOnce : words.silent}
      </Text>
    </DialogForm>
  );
}
