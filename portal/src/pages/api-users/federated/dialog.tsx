// The federated credentials of an API user: which there are, one more, one less, and how a program uses one.

import type { FederatedCredential, FederatedCredentialList } from '@keyward/sdk/wire';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, part } from '../../../api.ts';
import { DialogForm } from '../../../parts/dialog.tsx';
import { useForm } from '../../../parts/form.tsx';
import { Icon } from '../../../parts/icon.tsx';
import { showDone } from '../../../parts/notice.ts';
import { Snippets } from '../../../parts/secret.tsx';
import { Loaded } from '../../../parts/states.tsx';
import { federatedWords } from '../../../words/federated-credentials.ts';
import { focusContents } from '../../access/focus.ts';
import { renewing } from '../../access/renewing.ts';
import { useServerUrl } from '../../tokens/made.tsx';
import { AddFederatedCredential } from './add.tsx';
import { howToUse, presetOf } from './how.ts';

const words = federatedWords;

/** What is to be seen in the dialog. */
type View = 'list' | 'new' | { how: FederatedCredential } | { removed: FederatedCredential };

export function FederatedCredentials({ id }: { id: string }) {
  const [view, setView] = useState<View>('list');
  const frame = useRef<HTMLDivElement>(null);
  const go = (next: View) => {
    setView(next);
    focusContents(frame);
  };
  return (
    <div ref={frame} tabIndex={-1} style={{ outline: 'none' }}>
      <Shown id={id} view={view} setView={go} />
    </div>
  );
}

function Shown({ id, view, setView }: { id: string; view: View; setView: (view: View) => void }) {
  const path = `/v1/api-users/${part(id)}/federated-credentials`;
  const query = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => api.get<FederatedCredentialList>(path, {}, signal),
  });
  const back = () => setView('list');
  if (view === 'new') {
    return <AddFederatedCredential id={id} onAdded={(how) => setView({ how })} onClose={back} />;
  }
  if (view !== 'list') {
    return 'how' in view ? (
      <HowToUse of={view.how} onClose={back} />
    ) : (
      <Removal of={view.removed} path={path} onClose={back} />
    );
  }
  return (
    <Stack gap="md">
      <Text fz="sm">{words.intro}</Text>
      <Loaded query={query}>
        {({ items }) => (
          <Stack gap="sm">
            {items.length === 0 && <Text fz="sm">{words.none}</Text>}
            {items.map((one) => (
              <Entry
                key={one.id}
                of={one}
                onHow={() => setView({ how: one })}
                onRemove={() => setView({ removed: one })}
              />
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

interface EntryProps {
  of: FederatedCredential;
  onHow: () => void;
  onRemove: () => void;
}

function Entry({ of: { name, issuer, audience, conditions }, onHow, onRemove }: EntryProps) {
  const lines = Object.entries(conditions).map(([claim, text]) => `${claim} = ${text}`);
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <div style={{ overflowWrap: 'anywhere', flex: '1 1 240px', minWidth: 0 }}>
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
      <Group gap={6}>
        <Button variant="default" size="compact-sm" aria-label={words.howNamed(name)} onClick={onHow}>
          {words.how}
        </Button>
        <Button variant="default" size="compact-sm" aria-label={words.removeNamed(name)} onClick={onRemove}>
          {words.remove}
        </Button>
      </Group>
    </Group>
  );
}

function HowToUse({ of: credential, onClose }: { of: FederatedCredential; onClose: () => void }) {
  const snippets = howToUse(useServerUrl(), credential);
  return (
    <Stack gap="md">
      <Text fz="sm">{words.howIntro[presetOf(credential)]}</Text>
      <Snippets snippets={snippets} />
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          {words.back}
        </Button>
      </Group>
    </Stack>
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
