// API tokens: mine and, for who may see them, everyone's; for operators those of all organizations too.

import type { CreatedToken, Token } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import { actingFor } from '../acting.ts';
import { useParameters } from '../address.ts';
import { Icon } from '../parts/icon.tsx';
import { useList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { DataTable, Toolbar } from '../parts/table.tsx';
import { WhenOpened } from '../parts/when-opened.tsx';
import { mayAct, useMay, useOwnSession } from '../session.ts';
import { tokensWords } from '../words/tokens.ts';
import { Switcher } from './access/switcher.tsx';
import { FindCredential } from './lookup/button.tsx';
import { ManyActions, useActions } from './tokens/actions.tsx';
import { columnsFor } from './tokens/columns.tsx';
import { filterNames, TokenFilters } from './tokens/filters.tsx';
import { MadeToken } from './tokens/made.tsx';

const TokensEverywhere = lazy(async () => ({ default: (await import('./tokens/everywhere.tsx')).TokensEverywhere }));
const words = tokensWords;
const CreateDialog = lazy(async () => ({ default: (await import('./tokens/create-dialog.tsx')).CreateDialog }));
const none: ReadonlySet<string> = new Set();

export function TokensPage() {
  const [{ whose, new: wanted }, change] = useParameters();
  const [maySeeOwn, maySeeAll] = [useMay('manage:own_api_key'), useMay('read:organization_api_key')];
  const mayCreate = useMay('manage:own_api_key', 'create:organization_api_key');
  const maySeeEverywhere = mayAct(useOwnSession()) && actingFor === null && maySeeAll;
  const isEverywhere = maySeeEverywhere && whose === 'everywhere';
  const isAll = maySeeAll && !isEverywhere && (whose === 'all' || !maySeeOwn);
  const view = isEverywhere ? 'everywhere' : isAll ? 'all' : 'own';
  const [isNew, creation] = useDisclosure(wanted !== undefined && mayCreate);
  const [made, setMade] = useState<CreatedToken | null>(null);
  const create = mayCreate && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={creation.open}>
      {words.create}
    </Button>
  );
  const show = (tab: string) => change({ ...cleared, whose: tab === 'own' ? null : tab });
  const tabs = [
    ...(maySeeOwn ? [['own', words.tabs.own] as const] : []),
    ...(maySeeAll ? [['all', words.tabs.all] as const] : []),
    ...(maySeeEverywhere ? [['everywhere', words.tabs.everywhere] as const] : []),
  ];
  const actions = (
    <>
      <FindCredential />
      {create}
    </>
  );
  return (
    <Page title={words.title} intro={words.intro} section="access" actions={actions}>
      {tabs.length > 1 && <Switcher label={words.tabs.label} value={view} onChange={show} options={tabs} />}
      {isEverywhere ? (
        <Suspense fallback={<Loading rows={8} height={40} />}>
          <TokensEverywhere />
        </Suspense>
      ) : (
        <Tokens key={view} isAll={isAll} create={create} />
      )}
      <WhenOpened isOpen={isNew}>
        <CreateDialog
          isOpen={isNew}
          onClose={creation.close}
          onMade={(created) => {
            creation.close();
            setMade(created);
          }}
        />
      </WhenOpened>
      <MadeToken made={made} onClose={() => setMade(null)} />
    </Page>
  );
}

const others = ['search', 'cursor', 'sort', 'order'];
const cleared = Object.fromEntries([...filterNames, ...others].map((name) => [name, null]));

function Tokens({ isAll, create }: { isAll: boolean; create: ReactNode }) {
  const list = useList<Token>('/v1/tokens', {
    filters: filterNames,
    fixed: { whose: isAll ? 'all' : 'own' },
    sort: { by: 'createdAt', order: 'desc' },
  });
  const [chosen, setChosen] = useState(none);
  const acts = useActions(() => setChosen(none));
  // What is not on this page any more is not acted upon.
  const tokens = useMemo(() => (list.items ?? []).filter(({ id }) => chosen.has(id)), [list.items, chosen]);
  const areDeleted = list.filter('deleted') === 'only';
  return (
    <>
      <Toolbar
        list={list}
        searchLabel={words.search}
        filters={<TokenFilters list={list} isAll={isAll} />}
        chosen={{
          count: tokens.length,
          actions: (
            <ManyActions tokens={tokens} areDeleted={areDeleted} onAct={acts.toMany} onClear={() => setChosen(none)} />
          ),
        }}
      />
      <DataTable
        label={words.title}
        list={list}
        keyOf={({ id }) => id}
        columns={columnsFor(isAll, acts)}
        selection={{ chosen, onChange: setChosen, nameOf: ({ name }) => name }}
        empty={
          <Empty icon="token" title={words.none} action={create}>
            {isAll ? words.noneElse : words.noneText}
          </Empty>
        }
      />
      {acts.dialogs}
    </>
  );
}
