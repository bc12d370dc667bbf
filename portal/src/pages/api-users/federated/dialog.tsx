// The federated credentials of an API user: which there are, one more, one less.

import type { FederatedCredential, FederatedCredentialList } from '@keyward/sdk/wire';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, part } from '../../../api.ts';
import { DialogForm } from '../../../parts/dialog.tsx';
import { useForm } from '../../../parts/form.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { showDone } from '../../../parts/notice.ts';
import { Loaded } from '../../../parts/states.tsx';
import { federatedWords } from '../../../words/federated-credentials.ts';
import { renewing } from '../../access/renewing.ts';
import { AddFederatedCredential } from './add.tsx';

const words = federatedWords;

/** What is to be seen in the dialog; a credential is the one that is to go. */
type View = 'list' | 'new' | FederatedCredential;

export function FederatedCredentials({ id }: { id: string }) {
  const [view, setView] = useState<View>('list');
  const path = `/v1/api-users/${part(id)}/federated-credentials`;
  const query = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => api.get<FederatedCredentialList>(path, {}, signal),
  });
  const back = () => setView('list');
  if (view === 'new') return <AddFederatedCredential id={id} onClose={back} />;
  if (view !== 'list') return <Removal of={view} path={path} onClose={back} />;
  return (
    <Stack gap="md">
      <Text fz="sm">{words.intro}</Text>
      <Loaded query={query}>
        {({ items }) => (
          <Stack gap="sm">
            {items.length === 0 && <Text fz="sm">{words.none}</Text>}
            {items.map((one) => (
              <Entry key={one.id} of={one} onRemove={() => setView(one)} />
            ))}
          </Stack>
        )}
      </Loaded>
      <Group justify="flex-end">
        <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setView('new')}>
          {words.add}
        </Button>
      </Group>
    </Stack>
  );
}

function Entry({
  of: { name, issuer, audience, conditions },
  onRemove,
}: {
  of: FederatedCredential;
  onRemove: () => void;
}) {
  const lines = Object.entries(conditions).map(([claim, text]) => `${claim} = ${text}`);
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
      <div style={{ overflowWrap: 'anywhere' }}>
        <Text fw={600} fz="sm">
          {name}
        </Text>
        <Text fz="sm">{issuer === null ? words.itself : `${words.from} ${issuer} ${words.for} ${audience}`}</Text>
        {lines.map((line) => (
          <Text key={line} fz="sm" className="kw-mono">
            {line}
          </Text>
        ))}
      </div>
      <Button variant="default" size="compact-sm" aria-label={words.removeNamed(name)} onClick={onRemove}>
        {words.remove}
      </Button>
    </Group>
  );
}

function Removal({ of: { id, name }, path, onClose }: { of: FederatedCredential; path: string; onClose: () => void }) {
  const form = useForm({
    initial: {},
    send: async () => {
      await renewing('federated credential', [path, '/v1/journal'], () =>
        api.delete(`/v1/federated-credentials/${part(id)}`),
      );
      showDone(words.removal.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.removal.go} isDangerous onCancel={onClose}>
      <Text fz="sm">{words.removal.text(name)}</Text>
    </DialogForm>
  );
}
