// In the question before something is ended: what it made, and whether that ends too.

import type { Descendant, Descendants } from '@keyward/sdk/wire';
import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { accessWords } from '../../words/access.ts';

const words = accessWords.made;

/** Of one, by its list's path and its id; `many` for several, of which nobody counts what they made. */
export type MadeBy = { list: '/v1/tokens' | '/v1/api-users' | '/v1/users'; id: string } | 'many';

export interface MadeTooProps {
  by: MadeBy;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** Nothing for one that made nothing. */
export function MadeToo({ by, checked, onChange }: MadeTooProps) {
  const [list, id] = by === 'many' ? ['', ''] : [by.list, by.id];
  const { data, isError } = useQuery({
    queryKey: [list, id],
    queryFn: ({ signal }) => api.get<{ descendants: Descendants }>(`${list}/${part(id)}`, {}, signal),
    enabled: by !== 'many',
  });
  const total = data?.descendants.total;
  if (by !== 'many' && !isError && (total === undefined || total === 0)) return null;
  const names = data?.descendants.items.slice(0, mostNamed).map(nameOf) ?? [];
  return (
    <Checkbox
      mt="md"
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
      label={total === undefined ? words.endTooMany : words.endToo(total)}
      description={names.length === 0 ? words.endTooText : words.named(names, (total ?? 0) - names.length)}
    />
  );
}

const mostNamed = 3;

/** With its organization, where that is a customer that its maker acted for. */
export function nameOf({ name, organization }: Pick<Descendant, 'name' | 'organization'>): string {
  return organization === undefined ? name : words.at(name, organization.name);
}

/** The path of an act that ends something, and what it made if that is wanted. */
export function ending(path: string, { descendants }: { descendants: boolean }): string {
  return descendants ? `${path}?descendants=true` : path;
}
