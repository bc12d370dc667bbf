// Inviting somebody: who it is and what role; then the link to send on.

import type { Invitation } from '@keyward/sdk/wire';
import { Button, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useMay } from '../../session.ts';
import { peopleWords } from '../../words/people.ts';
import { RoleField } from '../access/role-field.tsx';
import { LinkDialog, type MadeLink } from './link-dialog.tsx';

const words = peopleWords.invite;

export function InviteButton() {
  const mayInvite = useMay('create:user');
  const [isOpen, dialog] = useDisclosure(false);
  const [made, setMade] = useState<MadeLink | null>(null);
  if (!mayInvite) return null;
  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {peopleWords.act.invite}
      </Button>
      <Dialog isOpen={isOpen} title={words.title} isLong onClose={dialog.close}>
        <InviteForm
          onCancel={dialog.close}
          onMade={({ user, link }) => {
            dialog.close();
            setMade({ purpose: 'invitation', name: user.name, email: user.email, link });
          }}
        />
      </Dialog>
      <LinkDialog made={made} onClose={() => setMade(null)} />
    </>
  );
}

function InviteForm({ onMade, onCancel }: { onMade: (made: Invitation) => void; onCancel: () => void }) {
  const form = useForm({
    initial: { email: '', name: '', role: '' },
    check: ({ email, name, role }) => ({
      ...(email.trim() === '' && { email: words.emailNeeded }),
      ...(name.trim() === '' && { name: words.nameNeeded }),
      ...(role === '' && { role: words.roleNeeded }),
    }),
    send: async (values) => {
      const made = await api.post<Invitation>('/v1/invitations', values);
      await invalidate('/v1/users', '/v1/journal');
      onMade(made);
    },
  });
  return (
    <DialogForm form={form} go={words.go} onCancel={onCancel}>
      <Text fz="sm" c="dimmed">
        {words.text}
      </Text>
      <TextInput
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        label={words.email}
        description={words.emailHint}
        data-autofocus
        autoComplete="off"
        {...form.text('email')}
      />
      <TextInput label={words.name} autoComplete="off" {...form.text('name')} />
      <RoleField label={words.role} description={words.roleHint} {...form.value('role')} />
    </DialogForm>
  );
}
