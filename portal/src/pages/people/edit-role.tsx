// Making a role, and changing one of the organization's own.

import type { Role, RoleList } from '@keyward/sdk/wire';
import { Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { type Form, useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { PermissionPicker } from '../../parts/permission-picker.tsx';
import { accessWords } from '../../words/access.ts';
import { peopleWords } from '../../words/people.ts';
import { useOffered, useWhyNot } from '../access/grantable.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';

const words = peopleWords.roles;

interface Values {
  name: string;
  description: string;
  permissions: string[];
}

function faultsIn({ name, permissions }: Values) {
  return {
    ...(name.trim() === '' && { name: words.new.nameNeeded }),
    ...(permissions.length === 0 && { permissions: words.new.permissionsNeeded }),
  };
}

export function CreateRole({ onClose }: { onClose: () => void }) {
  const form = useForm<Values>({
    initial: { name: '', description: '', permissions: [] },
    check: faultsIn,
    send: async ({ name, ...rest }) => {
      await api.post('/v1/roles', { name: name.trim(), ...rest });
      await invalidate('/v1/roles', '/v1/journal');
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
        {...form.text('name')}
      />
      <Rest form={form} />
    </DialogForm>
  );
}

export function EditRole({ role, onClose }: { role: Role; onClose: () => void }) {
  const { name } = role;
  const [began, setBegan] = useState(role);
  const form = useForm<Values>({
    initial: { name, description: role.description, permissions: role.permissions },
    check: faultsIn,
    send: async ({ description, permissions }) => {
      await renewing('role', ['/v1/roles', '/v1/journal'], async () => {
        const now = (await api.get<RoleList>('/v1/roles')).items.find((one) => one.name === name);
        // What is gone the server says when it is changed.
        if (now !== undefined) {
          setBegan(now);
          demandUnchanged('role', [began.description, began.permissions], [now.description, now.permissions]);
        }
        await api.patch(`/v1/roles/${part(name)}`, { description, permissions });
      });
      showDone(words.edit.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <Rest form={form} />
      <Text fz="sm" c="dimmed">
        {words.edit.note}
      </Text>
    </DialogForm>
  );
}

function Rest({ form }: { form: Form<Values> }) {
  const options = useOffered();
  const whyNot = useWhyNot();
  return (
    <>
      <Textarea
        label={words.new.description}
        description={words.new.descriptionHint}
        autosize
        minRows={1}
        maxRows={6}
        {...form.text('description')}
      />
      <PermissionPicker
        label={words.new.permissions}
        options={options}
        whyNot={whyNot}
        {...form.value('permissions')}
      />
    </>
  );
}
