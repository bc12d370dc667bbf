// Renaming, ending and deleting an organization, and what the operator's own systems call it.

import type { Organization } from '@keyward/sdk/wire';
import { Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Confirm, DialogForm } from '../../parts/dialog.tsx';
import { ExternalIdField, externalIdIn } from '../../parts/external-id.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { queries, sessionQuery } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { organizationWords as words } from '../../words/organizations.ts';
import { partWords } from '../../words/parts.ts';

interface FormProps {
  organization: Organization;
  onClose: () => void;
}

export function RenameForm({ organization, onClose }: FormProps) {
  const form = useForm({
    initial: { name: organization.name },
    check: ({ name }) => ({ name: name.trim() === '' ? partWords.required : undefined }),
    send: async ({ name }) => {
      const renamed = await api.patch<Organization>(pathOf(organization), { name: name.trim() });
      await Promise.all([renew(), queries.refetchQueries({ queryKey: sessionQuery.queryKey })]);
      showDone(words.rename.done(renamed.name));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.rename.go} onCancel={onClose}>
      <Text fz="sm">{words.rename.text}</Text>
      <TextInput
        label={words.form.name}
        description={words.form.nameText}
        spellCheck={false}
        data-autofocus
        maxLength={64}
        {...form.text('name')}
      />
    </DialogForm>
  );
}

export function ExternalIdForm({ organization, onClose }: FormProps) {
  const { name, externalId } = organization;
  const form = useForm({
    initial: { externalId: externalId ?? '' },
    send: async (values) => {
      await api.patch(pathOf(organization), { externalId: externalIdIn(values.externalId) });
      await renew();
      showDone(words.externalId.done(name));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <Text fz="sm">{words.externalId.text}</Text>
      <ExternalIdField data-autofocus {...form.text('externalId')} />
    </DialogForm>
  );
}

export function DeleteForm({ organization, onClose }: FormProps) {
  const { name } = organization;
  const form = useForm({
    initial: { typed: '' },
    check: ({ typed }) => ({ typed: typed.trim() === name ? undefined : words.delete.wrong }),
    send: async () => {
      await api.delete(pathOf(organization));
      await renew();
      showDone(words.delete.done(name));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.delete.go} isDangerous onCancel={onClose}>
      <Text>{words.delete.text}</Text>
      <TextInput
        label={words.delete.type(name)}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        {...form.text('typed')}
      />
    </DialogForm>
  );
}

/** Activating at once, and deactivating after a question, which is to be placed on the page. */
export function useActivation(): [
  question: ReactNode,
  acts: Record<'activate' | 'deactivate', (organization: Organization) => void>,
] {
  const [asked, ask] = useState<Organization | null>(null);
  const [isOpen, setOpen] = useState(false);
  const act = async (organization: Organization, verb: 'activate' | 'deactivate') => {
    await api.post(`${pathOf(organization)}/${verb}`);
    await renew();
    showDone(words[verb].done(organization.name));
  };
  const question = asked !== null && (
    <Confirm
      isOpen={isOpen}
      title={words.deactivate.title(asked.name)}
      go={words.deactivate.go}
      isDangerous
      onConfirm={() => act(asked, 'deactivate')}
      onClose={() => setOpen(false)}
    >
      {words.deactivate.text}
    </Confirm>
  );
  return [
    question,
    {
      activate: (organization) => void act(organization, 'activate').catch(showProblem),
      deactivate: (organization) => {
        ask(organization);
        setOpen(true);
      },
    },
  ];
}

function pathOf({ id }: Organization): string {
  return `/v1/organizations/${part(id)}`;
}

function renew(): Promise<unknown> {
  return invalidate('/v1/organizations', '/v1/journal');
}
