// Recent calls, one by one, and why they were refused. What is shown is in the address.

import { Group, NativeSelect, Pill } from '@mantine/core';
import { actingFor } from '../../acting.ts';
import { useParameters } from '../../address.ts';
import { Page } from '../../parts/page.tsx';
import { mayAct, useMay, useOwnSession } from '../../session.ts';
import { callsWords as words } from '../../words/calls.ts';
import { usageWords } from '../../words/usage.ts';
import { Switcher } from '../access/switcher.tsx';
import { CallsTable } from './calls-table.tsx';
import { Explain } from './explain.tsx';
import { useCalls } from './use-calls.ts';

export function CallsPage() {
  const [{ credential, verdict, whose }, change] = useParameters();
  const isEveryones = useMay('read:call');
  const maySeeEverywhere = mayAct(useOwnSession()) && actingFor === null && isEveryones;
  const isEverywhere = maySeeEverywhere && whose === 'everywhere';
  const query = useCalls({ credential, verdict, organization: isEverywhere ? '*' : undefined, limit: 100 });
  return (
    <Page title={words.title} intro={isEveryones ? words.intro : words.introOwn}>
      <Explain />
      {maySeeEverywhere && (
        <Switcher
          label={words.whose.label}
          value={isEverywhere ? 'everywhere' : 'own'}
          onChange={(to) => change({ whose: to === 'own' ? null : to })}
          options={[
            ['own', words.whose.own],
            ['everywhere', words.whose.everywhere],
          ]}
        />
      )}
      <Group gap="xs" mb="sm">
        <NativeSelect
          aria-label={words.filter.label}
          value={verdict ?? ''}
          data={verdicts}
          onChange={({ currentTarget }) => change({ verdict: currentTarget.value || null })}
        />
        {credential !== undefined && credential !== '' && (
          <Only name={nameIn(query.data?.items, credential)} onRemove={() => change({ credential: null }, 'push')} />
        )}
      </Group>
      <CallsTable query={query} withCredential withOrganization={isEverywhere} />
    </Page>
  );
}

const verdicts = [
  { value: '', label: words.filter.any },
  { value: 'allowed', label: words.filter.allowed },
  { value: 'refused', label: words.filter.refused },
  ...Object.entries(usageWords.reasons.texts).map(([value, { title }]) => ({ value, label: title })),
];

function Only({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <Pill
      size="md"
      maw="100%"
      withRemoveButton
      onRemove={onRemove}
      removeButtonProps={{ 'aria-label': words.filter.remove(name), 'aria-hidden': false, tabIndex: 0 }}
    >
      {words.filter.only(name)}
    </Pill>
  );
}

function nameIn(items: readonly { credential: { name: string | null } | null }[] | undefined, wanted: string): string {
  return items?.find((one) => one.credential !== null)?.credential?.name ?? wanted.split(':', 2)[1] ?? wanted;
}
