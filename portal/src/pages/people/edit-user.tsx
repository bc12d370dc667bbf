// A user's name and role.

import type { User } from '@keyward/sdk/wire';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { peopleWords } from '../../words/people.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';
import { RoleField } from '../access/role-field.tsx';

const words = peopleWords;

export function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const [began, setBegan] = useState({ name: user.name, role: user.role });
  const form = useForm({
    initial: began,
    check: ({ name }) => (name.trim() === '' ? { name: words.invite.nameNeeded } : {}),
    send: async (values) => {
      const path = `/v1/users/${part(user.id)}`;
      await renewing('user', ['/v1/users', '/v1/journal'], async () => {
        const now = await api.get<User>(path);
        setBegan({ name: now.name, role: now.role });
        demandUnchanged('user', began, { name: now.name, role: now.role });
        const change = {
          ...(values.name !== now.name && { name: values.name }),
          ...(values.role !== now.role && { role: values.role }),
        };
        if (Object.keys(change).length > 0) await api.patch(path, change);
      });
      showDone(words.edit.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <TextInput label={words.invite.name} data-autofocus autoComplete="off" {...form.text('name')} />
      <RoleField label={words.invite.role} description={words.invite.roleHint} {...form.value('role')} />
    </DialogForm>
  );
}
