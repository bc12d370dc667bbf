// Some permissions of the catalogue under a heading.

import type { Permission } from '@keyward/sdk/wire';
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Column, DataTable } from '../../parts/table.tsx';
import { permissionsWords } from '../../words/permissions.ts';
import classes from '../access/cell.module.css';
import { type RowAction, RowMenu } from '../access/row-menu.tsx';

const words = permissionsWords;

export interface CatalogueProps {
  title: string;
  intro: string;
  permissions: readonly Permission[];
  actionsFor?: (permission: Permission) => (RowAction | false)[];
  /** Instead of the words for a search without matches. */
  empty?: ReactNode;
}

export function Catalogue({ title, intro, permissions, actionsFor, empty }: CatalogueProps) {
  return (
    <>
      <Title order={2} mt="xl">
        {title}
      </Title>
      <Text fz="sm" c="dimmed" mb="sm">
        {intro}
      </Text>
      <DataTable
        label={title}
        list={{ items: permissions }}
        keyOf={({ name }) => name}
        columns={columnsFor(actionsFor)}
        empty={
          empty ?? (
            <Text c="dimmed" mb="xl">
              {words.noMatches}
            </Text>
          )
        }
      />
    </>
  );
}

function columnsFor(actionsFor: CatalogueProps['actionsFor']): readonly Column<Permission>[] {
  const { columns } = words;
  return [
    {
      key: 'name',
      header: columns.name,
      cell: ({ name, description, api }) => (
        <div className={classes.wide}>
          <span className={`${classes.main} kw-mono`}>{name}</span>
          {api !== null && api !== 'default' && <span className={classes.under}>{api}</span>}
          <span className={classes.phoneOnly}>{description}</span>
        </div>
      ),
    },
    {
      key: 'description',
      header: columns.description,
      isWideOnly: true,
      cell: ({ description }) => description || <Text c="dimmed">{words.noText}</Text>,
    },
    ...(actionsFor === undefined
      ? []
      : [
          {
            key: 'actions',
            header: columns.actions,
            isHeaderHidden: true,
            align: 'right' as const,
            width: 52,
            cell: (permission: Permission) => <RowMenu name={permission.name} actions={actionsFor(permission)} />,
          },
        ]),
  ];
}
