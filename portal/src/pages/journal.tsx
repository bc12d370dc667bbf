// The journal: searched, filtered, exported, and whether its chain holds. What is looked for is in the address.

import type { JournalEntry } from '@keyward/sdk/wire';
import { Anchor, Button, Text } from '@mantine/core';
import { useParameters } from '../address.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Forbidden } from '../parts/forbidden.tsx';
import { useList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { type Column, DataTable, Toolbar } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { useMay } from '../session.ts';
import { journalWords as words } from '../words/journal.ts';
import { Chain } from './journal/chain.tsx';
import { Entry } from './journal/entry.tsx';
import { Export } from './journal/export.tsx';
import { Filters, filterNames, Narrowed } from './journal/filters.tsx';
import classes from './journal/journal.module.css';
import { actionName, nameOf } from './journal/names.ts';

export function JournalPage() {
  const mayRead = useMay('read:journal');
  const [parameters, change] = useParameters();
  const list = useList<JournalEntry>('/v1/journal', { filters: filterNames, cursorName: 'before', isEnabled: mayRead });
  if (!mayRead) return <Forbidden title={words.title} permission="read:journal" />;
  const { entry } = parameters;
  const close = () => change({ entry: null });
  const columns: Column<JournalEntry>[] = [
    {
      key: 'action',
      header: words.columns.action,
      cell: ({ action, seq, actor, subject }) => (
        <>
          <Anchor
            component="button"
            fz="sm"
            ta="left"
            aria-label={words.entry.open(actionName(action), seq)}
            onClick={() => change({ entry: String(seq) }, 'push')}
          >
            {actionName(action)}
          </Anchor>
          <Text fz={13} c="dimmed" hiddenFrom="sm" className={classes.onPhone}>
            {nameOf(subject)}
            <br />
            {words.by(nameOf(actor))}
          </Text>
        </>
      ),
    },
    {
      key: 'subject',
      header: words.columns.subject,
      cell: ({ subject }) => <Cut>{nameOf(subject)}</Cut>,
      isWideOnly: true,
    },
    { key: 'actor', header: words.columns.actor, cell: ({ actor }) => <Cut>{nameOf(actor)}</Cut>, isWideOnly: true },
    { key: 'at', header: words.columns.at, cell: ({ at }) => <When at={at} />, width: 130 },
  ];
  return (
    <Page title={words.title} intro={words.intro} actions={<Export list={list} />}>
      <Chain />
      <Toolbar list={list} searchLabel={words.search} filters={<Filters list={list} />} />
      <Narrowed list={list} />
      {list.items?.length === 0 && list.next !== undefined ? (
        <Empty icon="search" title={words.further} action={<Button onClick={list.next}>{words.goFurther}</Button>}>
          {words.furtherText}
        </Empty>
      ) : (
        <DataTable
          label={words.title}
          list={list}
          columns={columns}
          keyOf={({ seq }) => String(seq)}
          empty={
            <Empty icon="journal" title={words.none}>
              {words.noneText}
            </Empty>
          }
        />
      )}
      <Dialog
        isOpen={entry !== undefined && entry !== ''}
        title={words.entry.title(Number(entry) || 0)}
        onClose={close}
        size="lg"
      >
        <Entry
          seq={Number(entry)}
          known={list.items?.find(({ seq }) => String(seq) === entry)}
          onNarrow={(changes) => change({ ...changes, entry: null, cursor: null }, 'push')}
        />
      </Dialog>
    </Page>
  );
}

function Cut({ children }: { children: string }) {
  return (
    <Text fz="sm" truncate maw={260} title={children}>
      {children}
    </Text>
  );
}
