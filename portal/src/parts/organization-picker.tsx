// Finds an organization to work in, by its name or its external id: the server searches, however many there are. Choosing
// one loads the page anew (acting.ts).

import type { Organization, OrganizationList } from '@keyward/sdk/wire';
import { Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { alike, hrefIn } from '../acting.ts';
import { api, type Query } from '../api.ts';
import { useOwnSession } from '../session.ts';
import { actingWords } from '../words/acting.ts';
import classes from './acting.module.css';

const words = actingWords.picker;

/** `onClose` is told whether the focus was still in it. */
export function OrganizationPicker({ onClose }: { onClose: (isByKeyboard: boolean) => void }) {
  const own = useOwnSession().organization;
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 200);
  const byName = useOrganizations({ search, limit: 20, sort: 'name', order: 'asc' });
  const byExternalId = useOrganizations({ externalId: search, limit: 1 }, search !== '');
  const found = new Map<string, Organization>();
  for (const one of byExternalId.data?.items ?? []) if (search !== '') found.set(one.id, one);
  for (const one of byName.data?.items ?? []) if (one.id !== own.id) found.set(one.id, one);
  const offered = search === '' || own.name.includes(search.toLowerCase());
  return (
    <div className={classes.picker}>
      <Select
        aria-label={words.label}
        placeholder={words.placeholder}
        size="sm"
        autoFocus
        searchable
        defaultDropdownOpened
        selectFirstOptionOnChange
        // In the menu itself: on a phone it covers the page, which is out of reach meanwhile.
        comboboxProps={{ width: 280, position: 'bottom-start', withinPortal: false }}
        withScrollArea={false}
        classNames={{ options: classes.options }}
        data={[
          ...(offered ? [{ value: own.id, label: words.own(own.name) }] : []),
          ...[...found.values()].map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={null}
        onChange={(id) => {
          if (id === null) return;
          const { location } = window;
          location.assign(hrefIn(id === own.id ? null : id, alike(location.pathname)));
        }}
        filter={({ options }) => options}
        searchValue={text}
        onSearchChange={setText}
        renderOption={({ option }) => <Option label={option.label} organization={found.get(option.value)} />}
        nothingFoundMessage={byName.isFetching ? null : words.nothing}
        onBlur={() => onClose(false)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          // On a phone it would close the menu around it too.
          event.preventDefault();
          onClose(true);
        }}
      />
      {byName.data?.next != null && (
        <Text fz={12} c="dimmed" mt={4} role="status">
          {words.more}
        </Text>
      )}
    </div>
  );
}

function useOrganizations(query: Query, enabled = true) {
  return useQuery({
    queryKey: ['/v1/organizations', query],
    queryFn: ({ signal }) => api.get<OrganizationList>('/v1/organizations', query, signal),
    placeholderData: keepPreviousData,
    enabled,
  });
}

function Option({ label, organization }: { label: string; organization: Organization | undefined }) {
  const under = [organization?.externalId, organization?.active === false ? words.inactive : null];
  const more = under.filter((one) => one != null).join(' · ');
  return (
    <span className={classes.option}>
      {label}
      {more !== '' && <span className={classes.under}>{more}</span>}
    </span>
  );
}
