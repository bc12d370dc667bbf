// What becomes of API tokens that leaked, for those who may say so; for others as it is.

import type { LeakPolicy, Organization } from '@keyward/sdk/wire';
import { Button, Checkbox, NativeSelect, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { FormProblem, useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Facts, Loaded, Panel } from '../../parts/states.tsx';
import { queries, useMay, useSession } from '../../session.ts';
import { duration } from '../../words/durations.ts';
import { settingWords } from '../../words/settings.ts';

const words = settingWords.leaks;
const hour = 3_600_000;

export function LeaksPanel() {
  const { id } = useSession().organization;
  const mayChange = useMay('update:organization');
  const organization = useQuery({
    queryKey: ['/v1/organizations', id],
    queryFn: ({ signal }) => api.get<Organization>(`/v1/organizations/${part(id)}`, {}, signal),
  });
  return (
    <Panel title={words.title} intro={words.intro}>
      <Loaded query={organization}>
        {({ leakPolicy }) =>
          mayChange ? (
            <ChangePolicy id={id} policy={leakPolicy} key={JSON.stringify(leakPolicy)} />
          ) : (
            <Facts
              rows={[
                [words.action, textOf(leakPolicy)],
                [words.descendants, leakPolicy.descendants ? words.yes : words.no],
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

function ChangePolicy({ id, policy }: { id: string; policy: LeakPolicy }) {
  const form = useForm({
    initial: { choice: choiceOf(policy), descendants: policy.descendants },
    send: async ({ choice, descendants }) => {
      const leakPolicy = { ...policyOf(choice), descendants };
      const changed = await api.patch<Organization>(`/v1/organizations/${part(id)}`, { leakPolicy });
      // The form begins anew with what is saved, before anything else can be chosen in it.
      queries.setQueryData(['/v1/organizations', id], changed);
      showDone(words.saved);
      await invalidate('/v1/organizations', '/v1/journal');
    },
  });
  const { choice, descendants } = form.values;
  const choices = [...new Set([...usual, choiceOf(policy)])];
  return (
    <form {...form.form}>
      <Stack gap="sm" align="flex-start">
        <NativeSelect
          label={words.action}
          data={choices.map((value) => ({ value, label: textOf(policyOf(value)) }))}
          value={choice}
          onChange={({ currentTarget }) => form.set('choice', currentTarget.value)}
        />
        {!choice.startsWith('notify') && <Checkbox label={words.descendants} {...form.tick('descendants')} />}
        <FormProblem form={form} />
        <Button
          type="submit"
          variant="default"
          loading={form.isBusy}
          disabled={choice === choiceOf(policy) && descendants === policy.descendants}
        >
          {words.save}
        </Button>
      </Stack>
    </form>
  );
}

type Action = Pick<LeakPolicy, 'action' | 'endsAfterMs'>;

const usual = ['deactivate', ...[1, 24, 7 * 24].map((hours) => `shorten ${hours * hour}`), 'notify'];

const choiceOf = ({ action, endsAfterMs }: Action) => (endsAfterMs === null ? action : `${action} ${endsAfterMs}`);

function policyOf(value: string): Action {
  const [action = '', ms] = value.split(' ');
  return { action: action as Action['action'], endsAfterMs: ms === undefined ? null : Number(ms) };
}

function textOf({ action, endsAfterMs }: Action): string {
  return endsAfterMs === null ? words.actions[action] : words.shorten(duration(endsAfterMs));
}
