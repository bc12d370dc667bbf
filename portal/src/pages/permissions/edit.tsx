// Registering a permission of an API, and saying what one allows and which others it belongs with.

import type { ApiList, Permission, PermissionList } from '@keyward/sdk/wire';
import { Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { type Form, useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { permissionsWords } from '../../words/permissions.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';

const words = permissionsWords;

/** Of the API with the handle `of`; without one it can be chosen where there are several. */
export function RegisterPermission({ of, onClose }: { of?: string; onClose: () => void }) {
  const apis = useQuery({
    queryKey: ['/v1/apis'],
    queryFn: ({ signal }) => api.get<ApiList>('/v1/apis', {}, signal),
    enabled: of === undefined,
  });
  const choices = apis.data?.items ?? [];
  const form = useForm({
    initial: { name: '', api: of ?? 'default', description: '', group: '' },
    check: ({ name }) => (name.trim() === '' ? { name: words.new.nameNeeded } : {}),
    send: async ({ name, ...rest }) => {
      await api.post('/v1/permissions', { name: name.trim(), ...rest });
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
      {of === undefined && choices.length > 1 && (
        <Select
          label={words.new.api}
          data={choices.map(({ handle, name }) => ({ value: handle, label: name }))}
          allowDeselect={false}
          {...form.value('api')}
          onChange={(chosen) => chosen !== null && form.set('api', chosen)}
        />
      )}
      <Textarea
        label={words.new.description}
        description={words.new.descriptionHint}
        autosize
        minRows={2}
        maxRows={6}
        {...form.text('description')}
      />
      <GroupField {...form.text('group')} />
    </DialogForm>
  );
}

export function DescribePermission({ permission, onClose }: { permission: Permission; onClose: () => void }) {
  const { name, description, group } = permission;
  const [began, setBegan] = useState({ description, group });
  const form = useForm({
    initial: { description, group },
    send: async (values) => {
      await renewing('permission', ['/v1/permissions', '/v1/journal'], async () => {
        const record = (await api.get<PermissionList>('/v1/permissions')).items.find((one) => one.name === name);
        // What is gone the server says when it is changed.
        if (record !== undefined) {
          const now = { description: record.description, group: record.group };
          setBegan(now);
          demandUnchanged('permission', began, now);
        }
        await api.patch(`/v1/permissions/${part(name)}`, values);
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
      <GroupField {...form.text('group')} />
    </DialogForm>
  );
}

function GroupField(props: ReturnType<Form<{ group: string }>['text']>) {
  return (
    <TextInput
      label={words.new.group}
      description={words.new.groupHint}
      autoComplete="off"
      maxLength={128}
      {...props}
    />
  );
}
