// Changing an application. What it is now is looked at first, so that nobody writes over what somebody else has just changed.

import type { Application, ApplicationChange, ApplicationInUse } from '@keyward/sdk/wire';
import { Text } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { queries } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { applicationsWords } from '../../words/applications.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';
import { ApplicationFields, faultsIn, fieldOf, NameField, naming, wantedIn } from './fields.tsx';
import { KeysField, proofOf, textOfKeys } from './keys-field.tsx';
import { Counted } from './query.tsx';
import type { ApplicationValues } from './values.ts';

const words = applicationsWords.change;

interface EditDialogProps {
  application: ApplicationInUse;
  isOpen: boolean;
  onClose: () => void;
}

export function EditDialog({ application, isOpen, onClose }: EditDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={words.title(application.name)} size="lg" isLong onClose={onClose}>
      <EditApplication application={application} onClose={onClose} />
    </Dialog>
  );
}

function EditApplication({ application, onClose }: Omit<EditDialogProps, 'isOpen'>) {
  const { id, people } = application;
  const [opened] = useState<Application>(application);
  const [began, setBegan] = useState(opened);
  const form = useForm<ApplicationValues>({
    initial: {
      proof: proofOf(application),
      keys: textOfKeys(application),
      name: application.name,
      grants: application.grants,
      redirectUris: application.redirectUris.join('\n'),
      permissions: application.permissions,
      logoUrl: application.logoUrl ?? '',
    },
    check: faultsIn,
    fieldOf,
    send: async (values) => {
      const wanted = wantedIn(values);
      const path = `/v1/applications/${part(id)}`;
      await renewing('application', ['/v1/applications', '/v1/authorizations', '/v1/journal'], async () => {
        const now = await api.get<ApplicationInUse>(path);
        queries.setQueryData(['/v1/applications', id], now);
        setBegan(now);
        const change = differences(wanted, opened);
        const touched = Object.keys(change) as (keyof ApplicationChange)[];
        const of = (one: Application) => touched.map((field) => one[field]);
        demandUnchanged('application', of(began), of(now));
        if (touched.length > 0) await naming(wanted.redirectUris, () => api.patch(path, change));
      });
      showDone(words.done);
      onClose();
    },
  });
  const { proof } = form.values;
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <NameField form={form} />
      <ApplicationFields form={form} kept={began.permissions} />
      {proof !== 'public' && <KeysField form={form} hint={words.keysHint[proof]} />}
      {people > 0 && (
        <Text fz="sm">
          <Counted of={application} text={words.note} />
        </Text>
      )}
    </DialogForm>
  );
}

/** What is another than it was; lists whose order alone differs are the same, but for redirect URIs. */
function differences(wanted: ReturnType<typeof wantedIn>, opened: Application): ApplicationChange {
  const fields = Object.keys(wanted) as (keyof typeof wanted)[];
  const isSame = (field: (typeof fields)[number]) => textOf(wanted[field], field) === textOf(opened[field], field);
  return Object.fromEntries(fields.filter((field) => !isSame(field)).map((field) => [field, wanted[field]]));
}

function textOf(value: unknown, field: string): string {
  return JSON.stringify(Array.isArray(value) && field !== 'redirectUris' ? value.toSorted() : value);
}
