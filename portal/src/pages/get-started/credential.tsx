// The credential that the snippets are filled with: the one just made, or one that is pasted and stays in this page.

import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { NewCredential } from '../../new-credential.ts';
import { Icon } from '../../parts/icon.tsx';
import { useMay } from '../../session.ts';
import { getStartedWords } from '../../words/get-started.ts';
import { type Credential, isPlain, type Way } from './ways.ts';

const words = getStartedWords.credential;

interface CredentialStepProps {
  way: Way;
  made: NewCredential | null;
  pasted: Credential;
  onPaste: (pasted: Credential) => void;
}

export function CredentialStep({ way, made, pasted, onPaste }: CredentialStepProps) {
  const mayCreateToken = useMay('manage:own_api_key', 'create:organization_api_key');
  const mayCreateApiUser = useMay('create:api_user');
  const isToken = way.kind === 'api_token';
  const mayCreate = isToken ? mayCreateToken : mayCreateApiUser;
  const needs = words.needs[way.id];
  if (made?.kind === way.kind) {
    return (
      <Alert variant="light" color="teal" icon={<Icon name="check" />} title={words.filled(made.name)}>
        <Text fz="sm" c="var(--mantine-color-text)">
          {words.filledText} {needs}
        </Text>
      </Alert>
    );
  }
  const fault = (text: string) => (isPlain(text) ? undefined : words.odd);
  return (
    <Stack gap="md">
      <Text fz="sm">
        {made !== null && `${words.mismatch(made.name)} `}
        {isToken ? words.token : words.apiUser} {needs}
      </Text>
      {mayCreate ? (
        <Button
          component={Link}
          to={isToken ? '/tokens' : '/api-users'}
          search={{ new: '1' } as never}
          w="fit-content"
          leftSection={<Icon name="plus" size={16} />}
        >
          {isToken ? words.createToken : words.createApiUser}
        </Button>
      ) : (
        <Text fz="sm" c="dimmed">
          {words.mayNot}
        </Text>
      )}
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        {!isToken && (
          <TextInput
            label={words.username}
            autoComplete="off"
            spellCheck={false}
            value={pasted.username}
            onChange={({ currentTarget }) => onPaste({ ...pasted, username: currentTarget.value.trim() })}
            error={fault(pasted.username)}
            maw={420}
          />
        )}
        <PasswordInput
          label={isToken ? words.pasteToken : words.password}
          autoComplete="off"
          value={pasted.secret}
          onChange={({ currentTarget }) => onPaste({ ...pasted, secret: currentTarget.value.trim() })}
          error={fault(pasted.secret)}
          maw={420}
        />
      </Group>
    </Stack>
  );
}
