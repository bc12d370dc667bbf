// A token's name and notes.

import type { Token } from '@keyward/sdk/wire';
import { Textarea, TextInput } from '@mantine/core';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useTokenChange } from './change.ts';

const words = tokenWords.rename;

export function RenameToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const { name, description } = token;
  const changeToken = useTokenChange(token);
  const form = useForm({
    initial: { name, description },
    check: (values) => (values.name.trim() === '' ? { name: tokensWords.new.nameNeeded } : {}),
    send: async (values) => {
      await changeToken({ name: values.name, description: values.description });
      showDone(words.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <TextInput label={words.name} data-autofocus autoComplete="off" {...form.text('name')} />
      <Textarea label={words.notes} autosize minRows={2} maxRows={8} {...form.text('description')} />
    </DialogForm>
  );
}
