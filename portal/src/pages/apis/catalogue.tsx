// What one API can be asked to do, in its groups.

import type { Api, Permission } from '@keyward/sdk/wire';
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Copyable } from '../../parts/copy.tsx';
import { Empty, Facts, Panel } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { apisWords } from '../../words/apis.ts';
import classes from '../access/cell.module.css';
import { type RowAction, RowMenu } from '../access/row-menu.tsx';

const words = apisWords;

interface ApiCatalogueProps {
  shown: Api;
  permissions: readonly Permission[];
  /** Whether a search leaves some out. */
  isNarrowed: boolean;
  /** For the whole API. */
  actions: ReactNode;
  actionsFor: (permission: Permission) => (RowAction | false)[];
}

export function ApiCatalogue({ shown, permissions, isNarrowed, actions, actionsFor }: ApiCatalogueProps) {
  const { handle, name, identifier, description, signingAlgorithm } = shown;
  const byGroup = (one: Permission, other: Permission) =>
    one.group.localeCompare(other.group) || one.name.localeCompare(other.name);
  return (
    <Panel title={name} actions={actions} {...(description !== '' && { intro: description })}>
      <Stack gap="md">
        <Facts
          rows={[
            [words.facts.handle, <Copyable key="handle" text={handle} />],
            [words.facts.identifier, <Copyable key="identifier" text={identifier} />],
            [words.facts.signingAlgorithm, signingAlgorithm],
          ]}
        />
        <DataTable
          label={name}
          list={{ items: permissions.toSorted(byGroup) }}
          keyOf={(permission) => permission.name}
          columns={columnsFor(actionsFor)}
          empty={
            isNarrowed ? (
              <Text c="dimmed">{words.noMatches}</Text>
            ) : (
              <Empty icon="shield" title={words.none}>
                {words.noneText}
              </Empty>
            )
          }
        />
      </Stack>
    </Panel>
  );
}

function columnsFor(actionsFor: ApiCatalogueProps['actionsFor']): readonly Column<Permission>[] {
  const { columns } = words;
  return [
    {
      key: 'name',
      header: columns.name,
      cell: ({ name, description, group }) => (
        <>
          <span className={`${classes.main} kw-mono`}>{name}</span>
          <span className={classes.phoneOnly}>{group === '' ? description : `${group}: ${description}`}</span>
        </>
      ),
    },
    {
      key: 'description',
      header: columns.description,
      isWideOnly: true,
      cell: ({ description }) => description || <Text c="dimmed">{words.noText}</Text>,
    },
    { key: 'group', header: columns.group, isWideOnly: true, cell: ({ group }) => group },
    {
      key: 'actions',
      header: columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (permission) => <RowMenu name={permission.name} actions={actionsFor(permission)} />,
    },
  ];
}
