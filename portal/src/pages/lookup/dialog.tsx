// The dialog that finds out whose a credential is that was found somewhere. What is pasted is in the field and in one request's body, and
// goes with the dialog.

import type { LookedUp, LookupResult } from '@keyward/sdk/wire';
import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { hrefIn } from '../../acting.ts';
import { api } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Facts } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { useOwnSession } from '../../session.ts';
import { lookupWords as words } from '../../words/lookup.ts';
import { usageWords } from '../../words/usage.ts';
import { StateBadge } from '../access/state-badge.tsx';
import { clueIn } from './clue.ts';

/** The contents of a dialog. */
export function Find({ onClose }: { onClose: () => void }) {
  const [found, setFound] = useState<readonly LookedUp[] | null>(null);
  const form = useForm({
    initial: { secret: '' },
    check: ({ secret }) => ({ secret: clueIn(secret) === null ? words.needed : undefined }),
    fieldOf: () => 'secret',
    send: async ({ secret }) => {
      const { items } = await api.post<LookupResult>('/v1/lookup', clueIn(secret));
      form.reset();
      setFound(items);
    },
  });
  if (found !== null) return <Found items={found} onAgain={() => setFound(null)} />;
  return (
    <DialogForm form={form} go={words.go} onCancel={onClose}>
      <Text fz="sm" c="dimmed">
        {words.text}
      </Text>
      <TextInput
        label={words.label}
        description={words.hint}
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className="kw-mono"
        {...form.text('secret')}
      />
    </DialogForm>
  );
}

function Found({ items, onAgain }: { items: readonly LookedUp[]; onAgain: () => void }) {
  return (
    <>
      <Text fw={600} mb="xs" role="status">
        {items.length === 0 ? words.none : words.found(items.length)}
      </Text>
      {items.length === 0 && <Text fz="sm">{words.noneText}</Text>}
      {items.map((item) => (
        <One key={`${item.type}:${item.id}`} item={item} />
      ))}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onAgain} data-autofocus>
          {words.another}
        </Button>
      </Group>
    </>
  );
}

function One({ item }: { item: LookedUp }) {
  const own = useOwnSession().organization.id;
  const { organization, type, name, owner, state, form, expiresAt, allowed, reason } = item;
  const why = usageWords.reasons.texts[reason ?? '']?.title ?? reason ?? '';
  const whose =
    organization.externalId === null ? organization.name : `${organization.name} (${organization.externalId})`;
  return (
    <>
      <Facts
        rows={[
          [words.type[type], name],
          [words.rows.organization, whose],
          ...(type === 'api_token' ? [[words.rows.owner, `${owner.name || owner.id}`] as const] : []),
          [words.rows.what, words.form[form]],
          [words.rows.state, <StateBadge key="state" state={state} />],
          [words.rows.ends, <When key="ends" at={expiresAt} never={words.noEnd} />],
          [words.rows.now, allowed ? words.allowed : words.refused(why)],
        ]}
      />
      <Button
        component="a"
        href={hrefIn(organization.id === own ? null : organization.id, pageOf(item))}
        mt="md"
        w="fit-content"
        rightSection={<Icon name="right" size={16} />}
      >
        {words.open(name, organization.name)}
      </Button>
    </>
  );
}

function pageOf({ type, id, name }: LookedUp): string {
  if (type === 'api_token') return `/tokens/${encodeURIComponent(id)}`;
  return `${type === 'api_user' ? '/api-users' : '/people'}?${new URLSearchParams({ search: name })}`;
}
