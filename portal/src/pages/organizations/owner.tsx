// Another owner for an organization that is there.

import type { CreatedUser, Organization } from '@keyward/sdk/wire';
import { Text, TextInput } from '@mantine/core';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { SignInNameInput } from '../../parts/sign-in-name-input.tsx';
import { organizationWords } from '../../words/organizations.ts';
import { partWords } from '../../words/parts.ts';

const words = organizationWords.form;

export interface MadeOwner {
  organization: string;
  email: string;
  password: string;
}

interface OwnerFormProps {
  organization: Organization;
  onMade: (made: MadeOwner) => void;
  onClose: () => void;
}

export function OwnerForm({ organization, onMade, onClose }: OwnerFormProps) {
  const form = useForm({
    initial: { name: '', email: '' },
    check: ({ name, email }) => ({
      name: name.trim() === '' ? partWords.required : undefined,
      email: email.trim() === '' ? partWords.required : undefined,
    }),
    send: async ({ name, email }) => {
      onMade(await addOwner(organization, { name: name.trim(), email: email.trim() }));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={organizationWords.owner.go} onCancel={onClose}>
      <Text fz="sm">{organizationWords.owner.text}</Text>
      <TextInput label={words.ownerName} autoComplete="off" maxLength={200} data-autofocus {...form.text('name')} />
      <SignInNameInput label={words.email} autoComplete="off" {...form.text('email')} />
    </DialogForm>
  );
}

/** Throws ApiProblem. */
export async function addOwner(organization: Organization, owner: { name: string; email: string }): Promise<MadeOwner> {
  const { email, password } = await api.post<CreatedUser>(`/v1/organizations/${part(organization.id)}/owners`, owner);
  return { organization: organization.name, email, password };
}
