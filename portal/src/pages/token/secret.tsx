// A token's secret, looked at again where it is kept.

import type { RevealedToken, Token } from '@keyward/sdk/wire';
import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Code } from '../../parts/copy.tsx';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Panel } from '../../parts/states.tsx';
import { useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { signInWords } from '../../words/sign-in.ts';
import { tokenWords } from '../../words/token.ts';

const words = tokenWords.secret;

export function SecretPanel({ token }: { token: Token }) {
  const { user } = useSession();
  const [isOpen, dialog] = useDisclosure(false);
  const mayReveal = token.readable && token.owner.id === user.id;
  const intro = mayReveal ? words.readable : token.readable ? words.readableOther : words.once;
  return (
    <Panel
      title={words.title}
      intro={intro}
      actions={
        mayReveal && (
          <Button variant="default" size="sm" leftSection={<Icon name="eye" size={16} />} onClick={dialog.open}>
            {words.reveal}
          </Button>
        )
      }
    >
      <Dialog isOpen={isOpen} title={words.reveal} size="lg" onClose={dialog.close}>
        <Reveal id={token.id} onClose={dialog.close} />
      </Dialog>
    </Panel>
  );
}

/** Asks for the password, then shows the secret; it is gone when the dialog closes. */
function Reveal({ id, onClose }: { id: string; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm({
    initial: { password: '' },
    say: { too_many_requests: signInWords.tooMany },
    send: async ({ password }) => {
      const answer = await api.post<RevealedToken>(`/v1/tokens/${part(id)}/reveal`, { password });
      form.reset();
      setSecret(answer.secret);
      await invalidate('/v1/journal');
    },
  });
  if (secret === null) {
    return (
      <DialogForm form={form} go={words.show} onCancel={onClose}>
        <Text>{words.revealText}</Text>
        <PasswordInput
          label={words.password}
          autoComplete="current-password"
          data-autofocus
          {...form.text('password')}
        />
      </DialogForm>
    );
  }
  return (
    <Stack gap="md">
      <Text>{words.shown}</Text>
      <Code text={secret} label={words.label} />
      <Button onClick={onClose} w="fit-content" ml="auto">
        {accessWords.done}
      </Button>
    </Stack>
  );
}
