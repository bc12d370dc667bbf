// Who one is: the display name can be changed, the rest is an admin's to change.

import { Button, Group, Stack, TextInput } from '@mantine/core';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Facts, Panel } from '../../parts/states.tsx';
import { queries, sessionQuery, useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { accountWords } from '../../words/account.ts';
import { partWords } from '../../words/parts.ts';

const words = accountWords.profile;

export function ProfilePanel() {
  const { user, organization } = useSession();
  const form = useForm({
    initial: { name: user.name },
    check: ({ name }) => (name.trim() === '' ? { name: partWords.required } : {}),
    send: async ({ name }) => {
      await api.patch('/v1/self', { name: name.trim() });
      await queries.refetchQueries({ queryKey: sessionQuery.queryKey });
      await invalidate('/v1/users');
      showDone(words.saved);
    },
  });
  return (
    <Panel title={words.title}>
      <form {...form.form}>
        <Stack gap="sm" mb="md">
          <Group align="flex-end" gap="xs">
            <TextInput label={words.name} autoComplete="name" flex={1} maw={360} {...form.text('name')} />
            <Button type="submit" variant="default" loading={form.isBusy} disabled={form.values.name === user.name}>
              {words.save}
            </Button>
          </Group>
          <FormProblem form={form} />
        </Stack>
      </form>
      <Facts
        rows={[
          [words.email, user.email],
          [words.role, user.role || accessWords.role.none],
          [words.organization, organization.name],
        ]}
      />
    </Panel>
  );
}
