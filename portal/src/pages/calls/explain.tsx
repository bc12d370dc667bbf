// The box in which a refusal is explained by its id, or a call before it is made. What is pasted as a credential is in the field and in
// one request's body.

import type { ExplainRequest, Explanation } from '@keyward/sdk/wire';
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { Panel } from '../../parts/states.tsx';
import { callsWords } from '../../words/calls.ts';
import { Switcher } from '../access/switcher.tsx';
import { Explained } from './explanation.tsx';

const words = callsWords.explain;
type Kind = keyof typeof words.kinds;

export function Explain() {
  const [kind, setKind] = useState<Kind>('refusal');
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const turn = (to: Kind) => {
    setKind(to);
    setExplanation(null);
  };
  return (
    <Panel title={words.title} intro={words.intro}>
      <Switcher
        label={words.kind}
        value={kind}
        onChange={turn}
        options={[
          ['refusal', words.kinds.refusal],
          ['call', words.kinds.call],
        ]}
      />
      <Stack gap="md">
        {kind === 'refusal' ? <ById onAnswer={setExplanation} /> : <ByCall onAnswer={setExplanation} />}
        {explanation !== null && <Explained explanation={explanation} />}
      </Stack>
    </Panel>
  );
}

interface AskProps {
  onAnswer: (explanation: Explanation | null) => void;
}

function ById({ onAnswer }: AskProps) {
  const form = useForm({
    initial: { id: '' },
    check: ({ id }) => ({ id: id.trim() === '' ? words.idNeeded : undefined }),
    say: { not_found: words.gone },
    send: async ({ id }) => {
      onAnswer(null);
      onAnswer(await api.get<Explanation>(`/v1/refusals/${part(id.trim())}`));
    },
  });
  return (
    <form {...form.form}>
      <Stack gap="sm" maw={560}>
        <TextInput label={words.id} description={words.idHint} {...plain} {...form.text('id')} />
        <FormProblem form={form} />
        <Go isBusy={form.isBusy} />
      </Stack>
    </form>
  );
}

function ByCall({ onAnswer }: AskProps) {
  const form = useForm({
    initial: { credential: '', method: 'GET', path: '', permissions: '', address: '' },
    check: ({ credential, path, permissions }) => ({
      credential: credential.trim() === '' ? words.credentialNeeded : undefined,
      permissions: path.trim() !== '' && permissions.trim() !== '' ? words.oneOfBoth : undefined,
    }),
    send: async ({ credential, method, path, permissions, address }) => {
      onAnswer(null);
      const needed = permissions.split(/[\s,]+/).filter(Boolean);
      const asked: ExplainRequest = {
        credential: credential.trim(),
        ...(path.trim() !== '' && { method, path: path.trim() }),
        ...(path.trim() === '' && needed.length > 0 && { permissions: needed }),
        ...(address.trim() !== '' && { address: address.trim() }),
      };
      onAnswer(await api.post<Explanation>('/v1/explain', asked));
    },
  });
  return (
    <form {...form.form}>
      <Stack gap="sm" maw={560}>
        <TextInput
          label={words.credential}
          description={words.credentialHint}
          {...plain}
          {...form.text('credential')}
        />
        <Group gap="sm" align="flex-end" wrap="nowrap">
          <NativeSelect
            label={words.method}
            data={methods}
            w={110}
            value={form.values.method}
            onChange={({ currentTarget }) => form.set('method', currentTarget.value)}
          />
          <TextInput label={words.path} {...plain} flex={1} {...form.text('path')} />
        </Group>
        <TextInput
          label={words.permissions}
          description={words.permissionsHint}
          {...plain}
          {...form.text('permissions')}
        />
        <TextInput label={words.address} {...plain} {...form.text('address')} />
        <FormProblem form={form} />
        <Go isBusy={form.isBusy} />
      </Stack>
    </form>
  );
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const plain = {
  autoComplete: 'off',
  autoCapitalize: 'none',
  spellCheck: false,
  classNames: { input: 'kw-mono' },
} as const;

function Go({ isBusy }: { isBusy: boolean }) {
  return (
    <Group>
      <Button type="submit" loading={isBusy}>
        {words.go}
      </Button>
    </Group>
  );
}
