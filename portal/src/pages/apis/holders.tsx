// Who has a permission: as the answer to a question, and as what stands in the way of a removal.

import type { Holders } from '@keyward/sdk/wire';
import { List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { Loaded } from '../../parts/states.tsx';
import { apisWords } from '../../words/apis.ts';

const words = apisWords.holders;

export function PermissionHolders({ name }: { name: string }) {
  const holders = useQuery({
    queryKey: ['/v1/permissions', name, 'holders'],
    queryFn: ({ signal }) => api.get<Holders>(`/v1/permissions/${part(name)}/holders`, {}, signal),
    // Who had it the last time says nothing.
    gcTime: 0,
    staleTime: 0,
  });
  return (
    <Loaded query={holders}>
      {(data) => (
        <Stack gap="sm">
          <HolderList holders={data} />
          <Text fz="sm" c="dimmed">
            {words.patterns}
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}

export function HolderList({ holders: { roles, apiTokens, applications, routes, first } }: { holders: Holders }) {
  const all = roles + apiTokens + applications;
  if (all + routes.length === 0) return <Text>{words.nobody}</Text>;
  const more = all - first.length;
  return (
    <Stack gap="xs">
      <Text fw={600} fz="sm">
        {words.counts(roles, apiTokens, applications)}
      </Text>
      {first.length > 0 && (
        <List size="sm">
          {first.map(({ type, id, name, organization }) => (
            <List.Item key={`${organization.id} ${type} ${id}`}>
              {words.kind[type]} <b>{name}</b> {words.of(organization.name)}
            </List.Item>
          ))}
        </List>
      )}
      {more > 0 && <Text fz="sm">{words.more(more)}</Text>}
      {routes.length > 0 && (
        <>
          <Text fw={600} fz="sm">
            {words.routes}
          </Text>
          <List size="sm">
            {routes.map((path) => (
              <List.Item key={path}>
                <span className="kw-mono">{path}</span>
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}
