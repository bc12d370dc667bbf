// Registering a permission of the guarded API, and describing one.

import type { Permission, PermissionList } from '@keyward/sdk/wire';
import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { permissionsWords } from '../../words/permissions.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';

const words = permissionsWords;

export function RegisterPermission({ onClose }: { onClose: () => void }) {
  const form = useForm({
    initial: { name: '', description: '' },
    check: ({ name }) => (name.trim() === '' ? { name: words.new.nameNeeded } : {}),
    send: async ({ name, description }) => {
      await api.post('/v1/permissions', { name: name.trim(), description });
      await invalidate('/v1/permissions', '/v1/journal');
      showDone(words.new.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.new.go} onCancel={onClose}>
      <TextInput
        label={words.new.name}
        description={words.new.nameHint}
        placeholder={words.new.namePlaceholder}
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        {...form.text('name')}
      />
      <Textarea
        label={words.new.description}
        description={words.new.descriptionHint}
        autosize
        minRows={2}
        maxRows={6}
        {...form.text('description')}
      />
    </DialogForm>
  );
}

export function DescribePermission({ permission, onClose }: { permission: Permission; onClose: () => void }) {
  const { name } = permission;
  const [began, setBegan] = useState(permission.description);
  const form = useForm({
    initial: { description: permission.description },
    send: async ({ description }) => {
      await renewing('permission', ['/v1/permissions', '/v1/journal'], async () => {
        const now = (await api.get<PermissionList>('/v1/permissions')).items.find((one) => one.name === name);
        // What is gone the server says when it is changed.
        if (now !== undefined) {
          setBegan(now.description);
          demandUnchanged('permission', began, now.description);
        }
        await api.patch(`/v1/permissions/${part(name)}`, { description });
      });
      showDone(words.describe.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <Textarea
        label={words.new.description}
        description={words.new.descriptionHint}
        autosize
        minRows={2}
        maxRows={6}
        data-autofocus
        {...form.text('description')}
      />
    </DialogForm>
  );
}
