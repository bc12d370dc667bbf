// Narrowing a list to one person or application, found by what is typed. Whoever may not see these finds those alone that the
// list shows.

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import type { List } from '../../parts/list.ts';
import { authorizationsWords } from '../../words/applications.ts';

const words = authorizationsWords.filters;

interface Found {
  id: string;
  name: string;
}

interface RecordFilterProps<T> {
  list: Pick<List<unknown>, 'filter' | 'setFilter'>;
  /** The parameter that it sets to an id. */
  filter: 'user' | 'application';
  /** Where they are listed. */
  path: '/v1/users' | '/v1/applications';
  maySee: boolean;
  toFound: (record: T) => Found;
  /** Those of what the list shows. */
  shown: readonly Found[];
  label: string;
  placeholder: string;
}

export function RecordFilter<T>(props: RecordFilterProps<T>) {
  const { list, filter, path, maySee, toFound, shown, label, placeholder } = props;
  const [text, setText] = useState('');
  const [labels, setLabels] = useState<Readonly<Record<string, string>>>({});
  const present = list.filter(filter);
  const chosen = useQuery({
    queryKey: [path, present],
    queryFn: ({ signal }) => api.get<T>(`${path}/${part(present ?? '')}`, {}, signal),
    enabled: maySee && present !== null,
    retry: false,
  });
  const inList = shown.find(({ id }) => id === present)?.name;
  const asked = chosen.data === undefined ? undefined : toFound(chosen.data).name;
  const known = present === null ? undefined : (labels[present] ?? inList ?? asked);
  // What is chosen stands in the box as text too; it is no search.
  const [search] = useDebouncedValue(text === known ? '' : text, 200);
  const query = { search, limit: 20, sort: 'name', order: 'asc' };
  const { data } = useQuery({
    queryKey: [path, query],
    queryFn: ({ signal }) => api.get<{ items: T[] }>(path, query, signal),
    enabled: maySee,
    placeholderData: keepPreviousData,
  });
  const matching = shown.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const all = new Map([...matching, ...(data?.items ?? []).map(toFound)].map(({ id, name }) => [id, name]));
  if (present !== null && !all.has(present)) all.set(present, known ?? present);
  return (
    <Select
      aria-label={label}
      placeholder={placeholder}
      data={[...all].map(([value, name]) => ({ value, label: name }))}
      value={present}
      onChange={(value, option) => {
        if (value !== null && option !== null) setLabels({ ...labels, [value]: option.label });
        list.setFilter(filter, value);
      }}
      searchable
      clearable
      filter={({ options }) => options}
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={words.nothing}
      clearButtonProps={{ 'aria-label': words.clear }}
      w={220}
    />
  );
}
