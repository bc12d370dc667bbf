// Making an API user, and changing its name, role and external id.

import type { ApiUser, ApiUserChange, CreatedApiUser, NewApiUser } from '@keyward/sdk/wire';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { ExternalIdField, externalIdIn } from '../../parts/external-id.tsx';
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
  externalId: string;
}

function faultsIn({ name, role }: Values): Partial<Record<keyof Values, string>> {
  return {
    ...(name.trim() === '' && { name: words.new.nameNeeded }),
    ...(role === '' && { role: words.new.roleNeeded }),
  };
}

export function CreateApiUser({ onMade, onCancel }: { onMade: (made: CreatedApiUser) => void; onCancel: () => void }) {
  const form = useForm<Values>({
    initial: { name: '', role: '', externalId: '' },
    check: faultsIn,
    send: async ({ externalId, ...values }) => {
      const wanted: NewApiUser = { ...values, externalId: externalIdIn(externalId) };
      const made = await api.post<CreatedApiUser>('/v1/api-users', wanted);
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
      <ExternalIdField {...form.text('externalId')} />
    </DialogForm>
  );
}

export function EditApiUser({ apiUser, onClose }: { apiUser: ApiUser; onClose: () => void }) {
  const { id, name, role, externalId } = apiUser;
  const [began, setBegan] = useState({ name, role, externalId });
  const form = useForm<Values>({
    initial: { name, role, externalId: externalId ?? '' },
    check: faultsIn,
    send: async (values) => {
      const path = `/v1/api-users/${part(id)}`;
      await renewing('API user', ['/v1/api-users', '/v1/journal'], async () => {
        const record = await api.get<ApiUser>(path);
        const now = { name: record.name, role: record.role, externalId: record.externalId };
        setBegan(now);
        demandUnchanged('API user', began, now);
        const wanted = externalIdIn(values.externalId);
        const change: ApiUserChange = {
          ...(values.name !== now.name && { name: values.name }),
          ...(values.role !== now.role && { role: values.role }),
          ...(wanted !== now.externalId && { externalId: wanted }),
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
      <ExternalIdField {...form.text('externalId')} />
    </DialogForm>
  );
}
