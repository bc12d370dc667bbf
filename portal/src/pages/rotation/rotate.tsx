// Rotating a token or an API user: for how long the old secret or password goes on working is asked first.

import type { ApiUser, Token } from '@keyward/sdk/wire';
import { Alert, NativeSelect, Text } from '@mantine/core';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { accessWords } from '../../words/access.ts';
import { type RotatedNoun, rotationWords } from '../../words/rotation.ts';
import { renewing } from '../access/renewing.ts';

export interface RotateProps<Made> {
  noun: RotatedNoun;
  of: Pick<Token | ApiUser, 'id' | 'rotation'>;
  onMade: (made: Made) => void;
  onCancel: () => void;
}

export function Rotate<Made>({ noun, of, onMade, onCancel }: RotateProps<Made>) {
  const { what, list, rotate: words } = rotationWords[noun];
  // Only two may work at a time.
  const isRunning = of.rotation !== null;
  const form = useForm({
    initial: { overlapSeconds: isRunning ? '0' : '86400' },
    send: async ({ overlapSeconds }) => {
      const body = { overlapSeconds: Number(overlapSeconds) };
      const path = `${list}/${part(of.id)}/rotate`;
      onMade(await renewing(what, [list, '/v1/journal'], () => api.post<Made>(path, body)));
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
        data={accessWords.overlaps
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
