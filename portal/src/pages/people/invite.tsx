// Inviting somebody: who it is and what role; then the link to send on. Links are made by an organization's own people:
// whoever works for a customer adds the user with a password, which is shown once.

import type { CreatedUser, Invitation } from '@keyward/sdk/wire';
import { Button, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { actingFor } from '../../acting.ts';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { SecretDialog } from '../../parts/secret.tsx';
import { useMay } from '../../session.ts';
import { peopleWords } from '../../words/people.ts';
import { focusHeading } from '../access/focus.ts';
import { RoleField } from '../access/role-field.tsx';
import { useUntilClosed } from '../access/until-closed.ts';
import { LinkDialog, type MadeLink } from './link-dialog.tsx';

const words = peopleWords.invite;

export function InviteButton() {
  const mayInvite = useMay('create:user');
  if (!mayInvite) return null;
  return actingFor === null ? <Invite /> : <Add />;
}

function Invite() {
  const [isOpen, dialog] = useDisclosure(false);
  const [made, setMade] = useState<MadeLink | null>(null);
  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {peopleWords.act.invite}
      </Button>
      <Dialog isOpen={isOpen} title={words.title} isLong onClose={dialog.close}>
        <PersonForm<Invitation>
          path="/v1/invitations"
          text={words.text}
          go={words.go}
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

function Add() {
  const [isOpen, dialog] = useDisclosure(false);
  const [present, setMade] = useState<CreatedUser | null>(null);
  const made = useUntilClosed(present);
  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {peopleWords.add.title}
      </Button>
      <Dialog isOpen={isOpen} title={peopleWords.add.title} isLong onClose={dialog.close}>
        <PersonForm<CreatedUser>
          path="/v1/users"
          text={peopleWords.add.text}
          go={peopleWords.add.go}
          onCancel={dialog.close}
          onMade={(user) => {
            dialog.close();
            setMade(user);
          }}
        />
      </Dialog>
      {made !== null && (
        <SecretDialog
          isOpen={present !== null}
          title={peopleWords.add.made(made.name)}
          note={peopleWords.add.note}
          values={[
            { label: words.email, text: made.email },
            { label: peopleWords.add.password, text: made.password },
          ]}
          fileName="user.txt"
          onClose={() => {
            setMade(null);
            focusHeading();
          }}
        />
      )}
    </>
  );
}

interface PersonFormProps<T> {
  path: string;
  text: string;
  go: string;
  onMade: (made: T) => void;
  onCancel: () => void;
}

function PersonForm<T>({ path, text, go, onMade, onCancel }: PersonFormProps<T>) {
  const form = useForm({
    initial: { email: '', name: '', role: '' },
    check: ({ email, name, role }) => ({
      ...(email.trim() === '' && { email: words.emailNeeded }),
      ...(name.trim() === '' && { name: words.nameNeeded }),
      ...(role === '' && { role: words.roleNeeded }),
    }),
    send: async (values) => {
      const made = await api.post<T>(path, values);
      await invalidate('/v1/users', '/v1/journal');
      onMade(made);
    },
  });
  return (
    <DialogForm form={form} go={go} onCancel={onCancel}>
      <Text fz="sm" c="dimmed">
        {text}
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
