// Registering an application, as a dialog that is loaded when it is opened.

import type { CreatedApplication, NewApplication } from '@keyward/sdk/wire';
import { Radio, Stack } from '@mantine/core';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { applicationsWords } from '../../words/applications.ts';
import { ApplicationFields, type ApplicationValues, faultsIn, NameField, naming, wantedIn } from './fields.tsx';

const words = applicationsWords.new;
const kinds = ['confidential', 'public'] as const;

interface CreateDialogProps {
  isOpen: boolean;
  onMade: (made: CreatedApplication) => void;
  onClose: () => void;
}

export function CreateDialog({ isOpen, onMade, onClose }: CreateDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words.title} size="lg" isLong onClose={onClose}>
      <CreateApplication onMade={onMade} onCancel={onClose} />
    </Dialog>
  );
}

function CreateApplication({ onMade, onCancel }: { onMade: CreateDialogProps['onMade']; onCancel: () => void }) {
  const form = useForm<ApplicationValues>({
    initial: {
      type: 'confidential',
      name: '',
      grants: ['authorization_code', 'refresh_token'],
      redirectUris: '',
      permissions: [],
      logoUrl: '',
    },
    check: faultsIn,
    send: async (values) => {
      const wanted: NewApplication = { type: values.type, ...wantedIn(values) };
      const made = await naming(wanted.redirectUris, () => api.post<CreatedApplication>('/v1/applications', wanted));
      await invalidate('/v1/applications', '/v1/journal');
      onMade(made);
    },
  });
  return (
    <DialogForm form={form} go={words.go} onCancel={onCancel}>
      <NameField form={form} />
      <Radio.Group
        label={words.type}
        value={form.values.type}
        onChange={(type) => form.set('type', type as NewApplication['type'])}
      >
        <Stack gap="xs" mt="xs">
          {kinds.map((kind) => (
            <Radio key={kind} value={kind} label={words.types[kind][0]} description={words.types[kind][1]} />
          ))}
        </Stack>
      </Radio.Group>
      <ApplicationFields form={form} />
    </DialogForm>
  );
}
