// Handing a token to another owner, as when somebody leaves: what uses it need not change.

import type { Token } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { tokenWords } from '../../words/token.ts';
import { OwnerField } from '../tokens/owner-field.tsx';
import type { FoundOwner } from '../tokens/owners.ts';
import { useTokenChange } from './change.ts';

const words = tokenWords.give;

interface GiveTokenProps {
  token: Token;
  isOpen: boolean;
  onClose: () => void;
}

/** A dialog that is loaded when it is opened. */
export function GiveToken({ token, isOpen, onClose }: GiveTokenProps) {
  return (
    <Dialog isOpen={isOpen} title={words.title} onClose={onClose}>
      <GiveForm token={token} onClose={onClose} />
    </Dialog>
  );
}

function GiveForm({ token, onClose }: Omit<GiveTokenProps, 'isOpen'>) {
  const changeToken = useTokenChange(token);
  const form = useForm<{ owner: FoundOwner | null }>({
    initial: { owner: null },
    check: ({ owner }) => ({ owner: owner === null ? words.needed : undefined }),
    // What the new owner does not hold is named at the permission.
    fieldOf: (path) => (/^(owner|permissions)\b/.test(path) ? 'owner' : path),
    send: async ({ owner }) => {
      if (owner === null) return;
      const { type, id, label } = owner;
      await changeToken({ owner: { type, id } });
      showDone(words.done(label));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.go} onCancel={onClose}>
      <Text fz="sm">{words.text}</Text>
      <OwnerField
        label={words.label}
        description={words.hint}
        placeholder={words.search}
        without={token.owner.id}
        isFocused
        {...form.value('owner')}
      />
    </DialogForm>
  );
}
