// Removing what others may hold: first without force; who stands in the way is then shown, and taking it from all of
// them offered.

import type { Holders } from '@keyward/sdk/wire';
import { Checkbox, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { ApiProblem } from '../../problem.ts';
import { renewing } from '../access/renewing.ts';
import { HolderList } from './holders.tsx';

export interface RemovalWords {
  text: string;
  /** What the box says that takes it from all. */
  force: string;
  go: string;
  done: string;
}

interface RemovalProps {
  /** What is removed, in one word: `permission`. */
  what: string;
  path: string;
  words: RemovalWords;
  onClose: () => void;
}

export function RemoveForm({ what, path, words, onClose }: RemovalProps) {
  const [isHeld, setHeld] = useState(false);
  const [holders, setHolders] = useState<Holders | null>(null);
  const form = useForm({
    initial: { force: false },
    send: async ({ force }) => {
      try {
        const asked = force ? `${path}?force=true` : path;
        await renewing(what, ['/v1/apis', '/v1/permissions', '/v1/journal'], () => api.delete(asked));
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 409) {
          setHeld(true);
          setHolders(error.problem.holders ?? null);
        }
        throw error;
      }
      showDone(words.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.go} isDangerous onCancel={onClose}>
      <Text>{words.text}</Text>
      {holders !== null && <HolderList holders={holders} />}
      {isHeld && <Checkbox label={words.force} {...form.tick('force')} />}
    </DialogForm>
  );
}
