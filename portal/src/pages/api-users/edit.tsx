// Making an API user, and changing its name and role.

import type { ApiUser, CreatedApiUser } from '@keyward/sdk/wire';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { apiUsersWords } from '../../words/api-users.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';
import { RoleField } from '../access/role-field.tsx';

const words = apiUsersWords;

interface Values {
  name: string;
  role: string;
}

function faultsIn({ name, role }: Values): Partial<Values> {
  return {
    ...(name.trim() === '' && { name: words.new.nameNeeded }),
    ...(role === '' && { role: words.new.roleNeeded }),
  };
}

export function CreateApiUser({ onMade, onCancel }: { onMade: (made: CreatedApiUser) => void; onCancel: () => void }) {
  const form = useForm<Values>({
    initial: { name: '', role: '' },
    check: faultsIn,
    send: async (values) => {
      const made = await api.post<CreatedApiUser>('/v1/api-users', values);
      await invalidate('/v1/api-users', '/v1/journal');
      onMade(made);
    },
  });
  return (
    <DialogForm form={form} go={words.new.go} onCancel={onCancel}>
      <TextInput
        label={words.new.name}
        description={words.new.nameHint}
        placeholder={words.new.namePlaceholder}
        data-autofocus
        autoComplete="off"
        {...form.text('name')}
      />
      <RoleField label={words.new.role} description={words.new.roleHint} {...form.value('role')} />
    </DialogForm>
  );
}

export function EditApiUser({ apiUser, onClose }: { apiUser: ApiUser; onClose: () => void }) {
  const { id, name, role } = apiUser;
  const [began, setBegan] = useState({ name, role });
  const form = useForm<Values>({
    initial: { name, role },
    check: faultsIn,
    send: async (values) => {
      const path = `/v1/api-users/${part(id)}`;
      await renewing('API user', ['/v1/api-users', '/v1/journal'], async () => {
        const now = await api.get<ApiUser>(path);
        setBegan({ name: now.name, role: now.role });
        demandUnchanged('API user', began, { name: now.name, role: now.role });
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
      <TextInput label={words.new.name} data-autofocus autoComplete="off" {...form.text('name')} />
      <RoleField label={words.new.role} description={words.new.roleHint} {...form.value('role')} />
    </DialogForm>
  );
}
