// The organization as it is, and its name for those who may change it.

import type { Organization } from '@keyward/sdk/wire';
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { actingFor } from '../../acting.ts';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { Copyable } from '../../parts/copy.tsx';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Facts, Panel } from '../../parts/states.tsx';
import { queries, sessionQuery, useMay, useSession } from '../../session.ts';
import { partWords } from '../../words/parts.ts';
import { planWords } from '../../words/plans.ts';
import { settingWords } from '../../words/settings.ts';

const words = settingWords.organization;

export function OrganizationPanel() {
  const { organization } = useSession();
  const mayRename = useMay('update:organization');
  return (
    <Panel title={words.title} {...(organization.isOperator && { intro: words.operator })}>
      <Stack gap="md">
        {mayRename && <Rename id={organization.id} name={organization.name} />}
        <Facts
          rows={[
            ...(mayRename ? [] : [[words.name, organization.name] as const]),
            [
              words.plan,
              <Text key="plan" component={Link} to="/plans" fz="sm" c="var(--mantine-color-anchor)" td="underline">
                {organization.planId ?? planWords.own.noLimit}
              </Text>,
            ],
            [words.contributors, organization.contributors.toLocaleString()],
            [words.id, <Copyable key="id" text={organization.id} />],
          ]}
        />
      </Stack>
    </Panel>
  );
}

function Rename({ id, name }: { id: string; name: string }) {
  const form = useForm({
    initial: { name },
    check: (values) => ({ name: values.name.trim() === '' ? partWords.required : undefined }),
    send: async (values) => {
      const renamed = await api.patch<Organization>(`/v1/organizations/${part(id)}`, { name: values.name.trim() });
      await Promise.all([
        queries.refetchQueries({ queryKey: sessionQuery.queryKey }),
        invalidate('/v1/organizations', '/v1/journal'),
      ]);
      form.set('name', renamed.name);
      // For a customer the band says it.
      if (actingFor === null) showDone(words.saved(renamed.name));
    },
  });
  return (
    <form {...form.form}>
      <Stack gap="sm" align="flex-start">
        <TextInput
          label={words.name}
          description={words.nameText}
          maxLength={64}
          spellCheck={false}
          autoCapitalize="none"
          w="100%"
          {...form.text('name')}
        />
        <FormProblem form={form} />
        <Button type="submit" variant="default" loading={form.isBusy} disabled={form.values.name.trim() === name}>
          {words.save}
        </Button>
      </Stack>
    </form>
  );
}
