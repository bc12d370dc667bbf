// Deactivating an API user: whether the access tokens that it already has run out or end with it.

import type { AccessTokensInFlight, ApiUser, ApiUserDeactivation } from '@keyward/sdk/wire';
import { Radio, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { apiUsersWords } from '../../words/api-users.ts';
import { ending, MadeToo } from '../access/made-too.tsx';
import { renewing } from '../access/renewing.ts';

const words = apiUsersWords.deactivate;

export function DeactivateApiUser({ apiUser, onClose }: { apiUser: ApiUser; onClose: () => void }) {
  const path = `/v1/api-users/${part(apiUser.id)}`;
  const inFlight = useQuery({
    queryKey: ['/v1/api-users', apiUser.id, 'access-tokens'],
    queryFn: ({ signal }) => api.get<AccessTokensInFlight>(`${path}/access-tokens`, {}, signal),
    // What was counted the last time says nothing.
    gcTime: 0,
    staleTime: 0,
  });
  const form = useForm({
    initial: { how: 'runOut', descendants: false },
    send: async ({ how, descendants }) => {
      const body: ApiUserDeactivation = { cutOff: how === 'cutOff' };
      await renewing('API user', ['/v1/api-users', '/v1/journal'], () =>
        api.post(ending(`${path}/deactivate`, { descendants }), body),
      );
      showDone(how === 'cutOff' ? words.doneCut : words.done);
      onClose();
    },
  });
  const { data, isError } = inFlight;
  return (
    <DialogForm form={form} go={words.go} isDangerous onCancel={onClose}>
      <Text>{words.text}</Text>
      <Text fw={600} role="status">
        {data !== undefined ? words.about(data.about) : isError ? words.unknown : words.counting}
      </Text>
      <Radio.Group label={words.choice} value={form.values.how} onChange={(how) => form.set('how', how)}>
        <Stack gap="xs" mt="xs">
          <Radio value="runOut" label={words.runOut} description={words.runOutText} />
          <Radio value="cutOff" label={words.cutOff} description={words.cutOffText} />
        </Stack>
      </Radio.Group>
      <MadeToo
        by={{ list: '/v1/api-users', id: apiUser.id }}
        checked={form.values.descendants}
        onChange={(checked) => form.set('descendants', checked)}
      />
    </DialogForm>
  );
}
