// Deleting a person, and what becomes of the API tokens that belong to them: handed to somebody, so that what runs with them
// goes on, or ended. Without a right to either they stay and are refused.

import type { TokenList, User } from '@keyward/sdk/wire';
import { Radio, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { actingFor } from '../../acting.ts';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Failed, Loading } from '../../parts/states.tsx';
import { useMay, useSession } from '../../session.ts';
import { peopleWords } from '../../words/people.ts';
import { MadeToo } from '../access/made-too.tsx';
import { renewing } from '../access/renewing.ts';
import { OwnerField } from '../tokens/owner-field.tsx';
import type { FoundOwner } from '../tokens/owners.ts';
import { deletionsOf, type Fate } from './fate.ts';

const words = peopleWords.departure;
/** The most that a list answers at once. */
const most = 200;

interface DeleteUserProps {
  user: User;
  onClose: () => void;
}

export function DeleteUser(props: DeleteUserProps) {
  const query = { whose: 'all', owner: props.user.id, limit: most, sort: 'name' };
  const maySee = useMay('read:organization_api_key');
  const [mayHand, mayEnd] = [useMay('update:organization_api_key'), useMay('delete:organization_api_key')];
  const isAsked = maySee && (mayHand || mayEnd);
  const { data, error, refetch } = useQuery({
    queryKey: ['/v1/tokens', query],
    queryFn: ({ signal }) => api.get<TokenList>('/v1/tokens', query, signal),
    enabled: isAsked,
    // What they had the last time says nothing.
    gcTime: 0,
    staleTime: 0,
  });
  if (isAsked && error !== null) return <Failed error={error} onRetry={() => void refetch()} />;
  if (isAsked && data === undefined) return <Loading rows={3} />;
  return (
    <DeleteForm
      {...props}
      tokens={(data?.items ?? []).map(({ name }) => name)}
      isMore={data?.next != null}
      {...{ isAsked, mayHand, mayEnd }}
    />
  );
}

interface FormProps extends DeleteUserProps {
  /** What the tokens are called that belong to the person, as far as they were looked at. */
  tokens: readonly string[];
  isMore: boolean;
  /** Whether they were looked at. */
  isAsked: boolean;
  mayHand: boolean;
  mayEnd: boolean;
}

function DeleteForm({ user, tokens, isMore, isAsked, mayHand, mayEnd, onClose }: FormProps) {
  const { user: me } = useSession();
  const [descendants, setDescendants] = useState(false);
  const hasTokens = tokens.length > 0;
  const form = useForm<{ fate: Fate | ''; to: FoundOwner | null }>({
    initial: { fate: '', to: null },
    check: ({ fate, to }) => ({
      fate: hasTokens && fate === '' ? words.needed : undefined,
      to: fate === 'other' && to === null ? words.toNeeded : undefined,
    }),
    send: async ({ fate, to }) => {
      const path = `/v1/users/${part(user.id)}`;
      const chosen = hasTokens && fate !== '' ? fate : 'none';
      const owner = chosen === 'me' ? ({ type: 'user', id: me.id } as const) : to;
      await renewing('user', ['/v1/users', '/v1/tokens', '/v1/journal'], async () => {
        for (const one of deletionsOf(path, chosen, owner, descendants)) await api.delete(one);
      });
      showDone(peopleWords.done.delete);
      onClose();
    },
  });
  const fate = form.value('fate');
  const isHandedOn = hasTokens && (fate.value === 'me' || fate.value === 'other');
  return (
    <DialogForm form={form} go={peopleWords.act.delete} isDangerous onCancel={onClose}>
      <Text>{isAsked ? words.text : peopleWords.ask.deleteText}</Text>
      {hasTokens && (
        <Radio.Group
          label={words.label(tokens.length, isMore, user.name)}
          description={words.named(tokens)}
          value={fate.value}
          onChange={(next) => fate.onChange(next as Fate)}
          error={fate.error}
        >
          <Stack gap="xs" mt="xs">
            {mayHand && actingFor === null && <Choice fate="me" error={fate.error} />}
            {mayHand && <Choice fate="other" error={fate.error} />}
            {mayEnd && <Choice fate="end" error={fate.error} />}
          </Stack>
        </Radio.Group>
      )}
      {hasTokens && fate.value === 'other' && (
        <OwnerField label={words.to} placeholder={words.search} without={user.id} {...form.value('to')} />
      )}
      {!isHandedOn && (
        <MadeToo by={{ list: '/v1/users', id: user.id }} checked={descendants} onChange={setDescendants} />
      )}
    </DialogForm>
  );
}

function Choice({ fate, error }: { fate: Fate; error: string | undefined }) {
  const [label, description] = words.choices[fate];
  return (
    <Radio value={fate} label={label} description={description} aria-invalid={error === undefined ? undefined : true} />
  );
}
