// Registering an application, as a dialog that is loaded when it is opened.

import type { CreatedApplication, NewApplication } from '@keyward/sdk/wire';
import { Radio, Stack } from '@mantine/core';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { applicationsWords } from '../../words/applications.ts';
import { ApplicationFields, faultsIn, fieldOf, NameField, naming, wantedIn } from './fields.tsx';
import { KeysField } from './keys-field.tsx';
import type { ApplicationValues, Proof } from './values.ts';

const words = applicationsWords.new;
const proofs = ['secret', 'keys', 'public'] as const;

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
      proof: 'secret',
      keys: '',
      name: '',
      grants: ['authorization_code', 'refresh_token'],
      redirectUris: '',
      permissions: [],
      logoUrl: '',
    },
    check: faultsIn,
    fieldOf,
    send: async (values) => {
      const type = values.proof === 'public' ? 'public' : 'confidential';
      // Keys that were typed before something else was chosen are not meant.
      const keys = values.proof === 'keys' ? values.keys : '';
      const wanted = { type, ...wantedIn({ ...values, keys }) } satisfies NewApplication;
      const made = await naming(wanted.redirectUris, () => api.post<CreatedApplication>('/v1/applications', wanted));
      await invalidate('/v1/applications', '/v1/journal');
      onMade(made);
    },
  });
  return (
    <DialogForm form={form} go={words.go} onCancel={onCancel}>
      <NameField form={form} />
      <Radio.Group label={words.type} value={form.values.proof} onChange={(proof) => form.set('proof', proof as Proof)}>
        <Stack gap="xs" mt="xs">
          {proofs.map((proof) => (
            <Radio key={proof} value={proof} label={words.types[proof][0]} description={words.types[proof][1]} />
          ))}
        </Stack>
      </Radio.Group>
      {form.values.proof === 'keys' && <KeysField form={form} hint={words.keysHint} />}
      <ApplicationFields form={form} />
    </DialogForm>
  );
}
