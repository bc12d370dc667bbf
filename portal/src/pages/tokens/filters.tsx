// What a list of tokens can be narrowed to.

import type { Token } from '@keyward/sdk/wire';
import { NativeSelect, Select } from '@mantine/core';
import { useState } from 'react';
import { ExternalIdFilter } from '../../parts/external-id.tsx';
import type { List } from '../../parts/list.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useCatalogue } from '../access/catalogue.ts';
import classes from './filters.module.css';
import { useOwners } from './owners.ts';

const words = tokensWords.filters;

/** The query parameters that the filters set. */
export const filterNames = [
  'state',
  'unusedDays',
  'expiringDays',
  'deleted',
  'owner',
  'permission',
  'externalId',
] as const;

const statuses: Record<string, readonly [parameter: string, value: string]> = {
  active: ['state', 'active'],
  inactive: ['state', 'inactive'],
  expired: ['state', 'expired'],
  unused: ['unusedDays', '30'],
  expiring: ['expiringDays', '30'],
  deleted: ['deleted', 'only'],
};
const nothing = { state: null, unusedDays: null, expiringDays: null, deleted: null };

interface FilterProps {
  list: List<Token>;
}

export function TokenFilters({ list, isAll }: FilterProps & { isAll: boolean }) {
  return (
    <>
      <StatusFilter list={list} />
      <PermissionFilter list={list} />
      {isAll && <OwnerFilter list={list} />}
      <ExternalIdFilter list={list} />
    </>
  );
}

function StatusFilter({ list }: FilterProps) {
  const [present = ''] =
    Object.entries(statuses).find(([, [parameter, value]]) => list.filter(parameter) === value) ?? [];
  return (
    <NativeSelect
      className={classes.filter}
      aria-label={words.status}
      value={present}
      data={[
        { value: '', label: words.any },
        ...['active', 'inactive', 'expired', 'unused', 'expiring', 'deleted'].map((value) => ({
          value,
          label: words[value as 'active'],
        })),
      ]}
      onChange={({ currentTarget: { value } }) => {
        const [parameter, wanted] = statuses[value] ?? [];
        list.setFilters({ ...nothing, ...(parameter !== undefined && { [parameter]: wanted ?? null }) });
      }}
    />
  );
}

/** Any from the catalogue, or a pattern that was typed. */
function PermissionFilter({ list }: FilterProps) {
  const catalogue = useCatalogue();
  const [search, setSearch] = useState('');
  const present = list.filter('permission');
  const typed = search.trim();
  const isPattern = /^(\*|[\w.-]+):(\*|[\w.-]+)$/.test(typed);
  const names = new Set([...catalogue.map(({ name }) => name)]);
  if (present !== null) names.add(present);
  if (isPattern) names.add(typed);
  return (
    <Select
      aria-label={words.permission}
      placeholder={words.anyPermission}
      data={[...names]}
      value={present}
      onChange={(value) => list.setFilter('permission', value)}
      searchable
      clearable
      searchValue={search}
      onSearchChange={setSearch}
      nothingFoundMessage={words.nothing}
      clearButtonProps={{ 'aria-label': words.clear }}
      limit={100}
      className={classes.filter}
    />
  );
}

function OwnerFilter({ list }: FilterProps) {
  const [text, setText] = useState('');
  const [labels, setLabels] = useState<Readonly<Record<string, string>>>({});
  const present = list.filter('owner');
  const known = present === null ? undefined : (labels[present] ?? ownerIn(list.items, present));
  // What is chosen stands in the box as text too; it is no search.
  const { users, apiUsers, maySee } = useOwners(text === known ? '' : text);
  if (!maySee) return null;
  const people = users.map(({ id, label }) => ({ value: id, label }));
  const machines = apiUsers.map(({ id, label }) => ({ value: id, label }));
  const isListed = [...people, ...machines].some(({ value }) => value === present);
  return (
    <Select
      aria-label={words.owner}
      placeholder={words.anyOwner}
      data={[
        ...(present !== null && !isListed ? [{ value: present, label: known ?? present }] : []),
        { group: words.users, items: people },
        { group: words.apiUsers, items: machines },
      ]}
      value={present}
      onChange={(value, option) => {
        if (value !== null && option !== null) setLabels({ ...labels, [value]: option.label });
        list.setFilter('owner', value);
      }}
      searchable
      clearable
      filter={({ options }) => options}
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={words.nothing}
      clearButtonProps={{ 'aria-label': words.clear }}
      className={classes.filter}
    />
  );
}

function ownerIn(items: readonly Token[] | undefined, id: string): string | undefined {
  return items?.find(({ owner }) => owner.id === id)?.owner.name;
}
