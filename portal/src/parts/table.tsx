// Tables: a list's entries with sorting, choosing and paging, and the search and filters above them. What is in a cell is
// the page's affair.

import { Button, Checkbox, Group, Skeleton, Table, Text, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
import { partWords } from '../words/parts.ts';
import { Icon } from './icon.tsx';
import type { List } from './list.ts';
import { Pager } from './pager.tsx';
import { SearchField } from './search-field.tsx';
import { Empty, Failed } from './states.tsx';
import classes from './table.module.css';

const words = partWords.list;

export interface Column<T> {
  key: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** The server's name for sorting by it. */
  sort?: string;
  width?: number | string;
  align?: 'right';
  /** Left out below 768 px. */
  isWideOnly?: boolean;
  /** Keeps the header for screen readers alone. */
  isHeaderHidden?: boolean;
}

export interface DataTableProps<T> {
  /** What the table holds, for screen readers. */
  label: string;
  list: Pick<List<T>, 'items'> & Partial<List<T>>;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  /** The ids chosen, and what to do with a new choice; without it rows have no checkboxes. */
  selection?: { chosen: ReadonlySet<string>; onChange: (chosen: Set<string>) => void; nameOf: (row: T) => string };
  /** Shown where there is nothing at all. */
  empty: ReactNode;
  /** Rows of grey bars while the first page loads. */
  expected?: number;
}

export function DataTable<T>({ label, list, columns, keyOf, selection, empty, expected = 8 }: DataTableProps<T>) {
  const { items, error } = list;
  if (items === undefined && error != null) return <Failed error={error} onRetry={() => list.refetch?.()} />;
  if (items?.length === 0 && list.isNarrowed) {
    return (
      <Empty
        icon="search"
        title={words.noMatches}
        action={
          <Button variant="default" size="sm" onClick={list.clear}>
            {words.clearFilters}
          </Button>
        }
      >
        {words.noMatchesText}
      </Empty>
    );
  }
  if (items?.length === 0 && list.first === undefined) return <>{empty}</>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={classes.frame} aria-label={label} tabIndex={0}>
        <Table
          className={classes.table}
          data-fetching={list.isFetching === true && items !== undefined}
          aria-busy={items === undefined}
        >
          <Table.Thead>
            <Table.Tr>
              {selection !== undefined && <SelectAll rows={items ?? []} keyOf={keyOf} selection={selection} />}
              {columns.map((column) => (
                <Header key={column.key} column={column} list={list} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items === undefined
              ? skeleton(expected, columns, selection !== undefined)
              : items.map((row) => (
                  <Row key={keyOf(row)} row={row} id={keyOf(row)} columns={columns} selection={selection} />
                ))}
          </Table.Tbody>
        </Table>
      </section>
      <Pager list={list} />
    </>
  );
}

/** Search and filters above a table; the actions on what is chosen take their place. */
/** What the toolbar needs of any list, whatever it holds. */
type AnyList = Omit<List<unknown>, 'items'>;

export function Toolbar({
  list,
  searchLabel = words.search,
  filters,
  chosen,
}: {
  list: AnyList;
  searchLabel?: string;
  filters?: ReactNode;
  chosen?: { count: number; actions: ReactNode };
}) {
  return (
    <Group gap="xs" mb="sm" className={classes.toolbar} align="flex-end">
      {chosen !== undefined && chosen.count > 0 ? (
        <Group gap="xs" mih={36}>
          <Text fw={600} fz="sm" role="status">
            {words.selected(chosen.count)}
          </Text>
          {chosen.actions}
        </Group>
      ) : (
        <>
          <SearchBox list={list} label={searchLabel} />
          {filters}
        </>
      )}
    </Group>
  );
}

function SearchBox({ list, label }: { list: AnyList; label: string }) {
  const [text, setText] = useState(list.search);
  const search = useDebouncedCallback((wanted: string) => list.setSearch(wanted), 200);
  // The address may change by other ways: back, or "Clear search and filters".
  useEffect(() => setText(list.search), [list.search]);
  return (
    <SearchField
      label={label}
      className={classes.search}
      value={text}
      onChange={(value) => {
        setText(value);
        search(value);
      }}
    />
  );
}

function Header<T>({ column, list }: { column: Column<T>; list: Partial<List<T>> }) {
  const { sort: by, header, width, align, isWideOnly, isHeaderHidden } = column;
  const order = by !== undefined && list.sort?.by === by ? list.sort.order : undefined;
  const name = isHeaderHidden ? <span className="kw-hidden">{header}</span> : header;
  return (
    <Table.Th
      w={width}
      ta={align}
      className={isWideOnly ? classes.wideOnly : undefined}
      aria-sort={order === undefined ? undefined : order === 'asc' ? 'ascending' : 'descending'}
    >
      {by === undefined || list.setSort === undefined ? (
        name
      ) : (
        <UnstyledButton className={classes.sort} onClick={() => list.setSort?.(by)} title={words.sortBy(header)}>
          {name}
          <span className={classes.arrow} data-shown={order !== undefined}>
            <Icon name={order === 'desc' ? 'down' : 'up'} size={14} />
          </span>
        </UnstyledButton>
      )}
    </Table.Th>
  );
}

type Selection<T> = NonNullable<DataTableProps<T>['selection']>;

interface RowProps<T> {
  row: T;
  id: string;
  columns: readonly Column<T>[];
  selection: Selection<T> | undefined;
}

function Row<T>({ row, id, columns, selection }: RowProps<T>) {
  const isChosen = selection?.chosen.has(id) === true;
  return (
    <Table.Tr data-chosen={isChosen || undefined}>
      {selection !== undefined && (
        <Table.Td w={44}>
          <Checkbox
            size="xs"
            aria-label={words.select(selection.nameOf(row))}
            checked={isChosen}
            onChange={({ currentTarget }) => selection.onChange(withId(selection.chosen, id, currentTarget.checked))}
          />
        </Table.Td>
      )}
      {columns.map(({ key, cell, align, isWideOnly }) => (
        <Table.Td key={key} ta={align} className={isWideOnly ? classes.wideOnly : undefined}>
          {cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function SelectAll<T>({
  rows,
  keyOf,
  selection,
}: {
  rows: readonly T[];
  keyOf: (row: T) => string;
  selection: Selection<T>;
}) {
  const ids = rows.map(keyOf);
  const count = ids.filter((id) => selection.chosen.has(id)).length;
  return (
    <Table.Th w={44}>
      <Checkbox
        size="xs"
        aria-label={words.selectAll}
        disabled={ids.length === 0}
        checked={ids.length > 0 && count === ids.length}
        indeterminate={count > 0 && count < ids.length}
        onChange={({ currentTarget }) => selection.onChange(new Set(currentTarget.checked ? ids : []))}
      />
    </Table.Th>
  );
}

function skeleton<T>(rows: number, columns: readonly Column<T>[], hasBoxes: boolean): ReactNode {
  return Array.from({ length: rows }, (_, index) => index).map((row) => (
    <Table.Tr key={row} aria-hidden>
      {hasBoxes && <Table.Td w={44} />}
      {columns.map(({ key, isWideOnly }) => (
        <Table.Td key={key} className={isWideOnly ? classes.wideOnly : undefined}>
          <Skeleton height={14} my={4} width={`${50 + ((row * 17) % 40)}%`} />
        </Table.Td>
      ))}
    </Table.Tr>
  ));
}

function withId(chosen: ReadonlySet<string>, id: string, isIn: boolean): Set<string> {
  const next = new Set(chosen);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}
