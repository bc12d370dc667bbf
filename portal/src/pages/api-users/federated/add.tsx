// A new federated credential: filled in for where the program runs, and changed from there.

import type { NewFederatedCredential } from '@keyward/sdk/wire';
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { api, part } from '../../../api.ts';
import { DialogForm } from '../../../parts/dialog.tsx';
import { type Faults, useForm } from '../../../parts/form.tsx';
import { showDone } from '../../../parts/notice.ts';
import { federatedWords } from '../../../words/federated-credentials.ts';
import { renewing } from '../../access/renewing.ts';
import { conditionsIn, type Preset, presets } from './presets.ts';

const words = federatedWords.new;

interface Values {
  preset: Preset;
  name: string;
  issuer: string;
  audience: string;
  conditions: string;
}

function faultsIn({ name, issuer, conditions: text }: Values): Faults<Values> {
  const conditions = faultInConditions(text);
  return {
    ...(name.trim() === '' && { name: words.nameNeeded }),
    ...(issuer.trim() === '' && { issuer: words.issuerNeeded }),
    ...(conditions !== undefined && { conditions }),
  };
}

function faultInConditions(text: string): string | undefined {
  const read = conditionsIn(text);
  if (read.wrong !== undefined) return words.conditionMalformed(read.wrong);
  return Object.keys(read.conditions).length === 0 ? words.conditionsNeeded : undefined;
}

export function AddFederatedCredential({ id, onClose }: { id: string; onClose: () => void }) {
  const form = useForm<Values>({
    initial: { preset: 'github', name: '', audience: '', ...presets.github },
    check: faultsIn,
    fieldOf: (path) => path.split('.')[0] ?? path,
    send: async ({ name, issuer, audience, conditions: text }) => {
      const read = conditionsIn(text);
      const wanted: NewFederatedCredential = {
        name,
        issuer: issuer.trim(),
        ...(audience.trim() !== '' && { audience: audience.trim() }),
        ...(read.wrong === undefined && { conditions: read.conditions }),
      };
      const path = `/v1/api-users/${part(id)}/federated-credentials`;
      await renewing('API user', [path, '/v1/journal'], () => api.post(path, wanted));
      showDone(words.done);
      onClose();
    },
  });
  const choose = (preset: Preset) => {
    form.set('preset', preset);
    form.set('issuer', presets[preset].issuer);
    form.set('conditions', presets[preset].conditions);
  };
  return (
    <DialogForm form={form} go={words.go} onCancel={onClose}>
      <NativeSelect
        label={words.preset}
        data={Object.entries(words.presets).map(([value, label]) => ({ value, label }))}
        value={form.values.preset}
        onChange={({ currentTarget }) => choose(currentTarget.value as Preset)}
      />
      <TextInput label={words.name} data-autofocus autoComplete="off" {...form.text('name')} />
      <TextInput label={words.issuer} description={words.issuerHint} autoComplete="off" {...form.text('issuer')} />
      <TextInput
        label={words.audience}
        description={words.audienceHint}
        autoComplete="off"
        {...form.text('audience')}
      />
      <Textarea
        label={words.conditions}
        description={words.conditionsHint}
        autosize
        minRows={2}
        spellCheck={false}
        {...form.text('conditions')}
      />
    </DialogForm>
  );
}
