// The list of applications.

import type { ApplicationInUse } from '@keyward/sdk/wire';
import type { ReactNode } from 'react';
import { useList } from '../../parts/list.ts';
import { Empty } from '../../parts/states.tsx';
import { DataTable, Toolbar } from '../../parts/table.tsx';
import { applicationsWords } from '../../words/applications.ts';
import { useActions } from './actions.tsx';
import { columnsFor } from './columns.tsx';

const words = applicationsWords;

export function Applications({ create }: { create: ReactNode }) {
  const list = useList<ApplicationInUse>('/v1/applications', { sort: { by: 'createdAt', order: 'desc' } });
  const { actionsFor, dialogs } = useActions();
  return (
    <>
      <Toolbar list={list} searchLabel={words.search} />
      <DataTable
        label={words.title}
        list={list}
        keyOf={({ id }) => id}
        columns={columnsFor(actionsFor)}
        empty={
          <Empty icon="apps" title={words.none} action={create}>
            {words.noneText}
          </Empty>
        }
      />
      {dialogs}
    </>
  );
}
