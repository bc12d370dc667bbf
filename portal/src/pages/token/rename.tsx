// A token's name, notes and external id.

import type { Token } from '@keyward/sdk/wire';
import { Textarea, TextInput } from '@mantine/core';
import { DialogForm } from '../../parts/dialog.tsx';
import { ExternalIdField, externalIdIn } from '../../parts/external-id.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useTokenChange } from './change.ts';

const words = tokenWords.rename;

export function RenameToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const { name, description, externalId } = token;
  const changeToken = useTokenChange(token);
  const form = useForm({
    initial: { name, description, externalId: externalId ?? '' },
    check: (values) => (values.name.trim() === '' ? { name: tokensWords.new.nameNeeded } : {}),
    send: async (values) => {
      const { name: called, description: notes } = values;
      await changeToken({ name: called, description: notes, externalId: externalIdIn(values.externalId) });
      showDone(words.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <TextInput label={words.name} data-autofocus autoComplete="off" {...form.text('name')} />
      <Textarea label={words.notes} autosize minRows={2} maxRows={8} {...form.text('description')} />
      <ExternalIdField {...form.text('externalId')} />
    </DialogForm>
  );
}
