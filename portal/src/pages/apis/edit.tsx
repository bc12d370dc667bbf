// A new API, and changing what one is called. Its handle stays.

import type { Api, ApiChange, NewApi } from '@keyward/sdk/wire';
import { Textarea, TextInput } from '@mantine/core';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { accessWords } from '../../words/access.ts';
import { apisWords } from '../../words/apis.ts';
import { partWords } from '../../words/parts.ts';
import { renewing } from '../access/renewing.ts';
import { type Algorithm, SigningAlgorithm } from './signing-algorithm.tsx';

const words = apisWords;

export function CreateApi({ onClose }: { onClose: () => void }) {
  const form = useForm({
    initial: { handle: '', name: '', identifier: '', description: '', signingAlgorithm: 'ES256' as Algorithm },
    check: ({ handle, name }) => ({
      handle: handle.trim() === '' ? partWords.required : undefined,
      name: name.trim() === '' ? partWords.required : undefined,
    }),
    send: async ({ handle, name, identifier, description, signingAlgorithm }) => {
      const wanted: NewApi = { handle: handle.trim(), name: name.trim(), description, signingAlgorithm };
      const given = identifier.trim();
      await api.post<Api>('/v1/apis', given === '' ? wanted : { ...wanted, identifier: given });
      await invalidate('/v1/apis', '/v1/permissions', '/v1/journal');
      showDone(words.new.done(name.trim()));
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.new.go} onCancel={onClose}>
      <TextInput
        label={words.new.handle}
        description={words.new.handleHint}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        data-autofocus
        {...form.text('handle')}
      />
      <TextInput label={words.new.name} autoComplete="off" maxLength={200} {...form.text('name')} />
      <TextInput
        label={words.new.identifier}
        description={words.new.identifierHint}
        autoComplete="off"
        spellCheck={false}
        {...form.text('identifier')}
      />
      <SigningAlgorithm {...form.value('signingAlgorithm')} />
      <Textarea label={words.new.description} autosize minRows={2} maxRows={6} {...form.text('description')} />
    </DialogForm>
  );
}

export function ChangeApi({ shown, onClose }: { shown: Api; onClose: () => void }) {
  const { handle, name, identifier, description, signingAlgorithm } = shown;
  const form = useForm({
    initial: { name, identifier, description, signingAlgorithm },
    check: (values) => ({ name: values.name.trim() === '' ? partWords.required : undefined }),
    send: async (values) => {
      const given = values.identifier.trim();
      const change: ApiChange = {
        ...(values.name.trim() !== name && { name: values.name.trim() }),
        ...(given !== identifier && { identifier: given === '' ? null : given }),
        ...(values.description !== description && { description: values.description }),
        ...(values.signingAlgorithm !== signingAlgorithm && { signingAlgorithm: values.signingAlgorithm }),
      };
      if (Object.keys(change).length > 0) {
        await renewing('API', ['/v1/apis', '/v1/journal'], () => api.patch(`/v1/apis/${part(handle)}`, change));
      }
      showDone(words.change.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <TextInput label={words.new.name} autoComplete="off" maxLength={200} data-autofocus {...form.text('name')} />
      <TextInput
        label={words.new.identifier}
        description={words.change.identifierHint}
        autoComplete="off"
        spellCheck={false}
        {...form.text('identifier')}
      />
      <SigningAlgorithm {...form.value('signingAlgorithm')} />
      <Textarea label={words.new.description} autosize minRows={2} maxRows={6} {...form.text('description')} />
    </DialogForm>
  );
}
