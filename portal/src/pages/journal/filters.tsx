// Narrowing the journal: by action and time above the table; by who and what from an entry. All of it is in the address.

import type { JournalEntry } from '@keyward/sdk/wire';
import { Button, Group, Pill, Popover, Select, TextInput } from '@mantine/core';
import { Icon } from '../../parts/icon.tsx';
import type { List } from '../../parts/list.ts';
import { shortTime } from '../../parts/when.tsx';
import { journalWords } from '../../words/journal.ts';
import classes from './journal.module.css';
import { actionName, nameOf } from './names.ts';

const words = journalWords.filters;

/** As the server and the address call them. */
export const filterNames = ['action', 'actor', 'subject', 'from', 'until'] as const;

type Journal = List<JournalEntry>;

export function Filters({ list }: { list: Journal }) {
  return (
    <>
      <Select
        aria-label={words.action}
        placeholder={words.anyAction}
        data={actionGroups}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': words.remove(words.action) }}
        value={list.filter('action')}
        onChange={(action) => list.setFilter('action', action)}
        maxDropdownHeight={320}
        w={{ base: '100%', sm: 280 }}
      />
      <Popover position="bottom-end" shadow="md" trapFocus>
        <Popover.Target>
          <Button variant="default" leftSection={<Icon name="clock" size={16} />}>
            {words.times}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={words.times}>
          <div className={classes.times}>
            <Moment list={list} name="from" label={words.from} />
            <Moment list={list} name="until" label={words.until} />
          </div>
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

/** What the journal is narrowed to beyond the search and the action, each with a way to drop it. */
export function Narrowed({ list }: { list: Journal }) {
  const [actor, subject, from, until] = [
    list.filter('actor'),
    list.filter('subject'),
    list.filter('from'),
    list.filter('until'),
  ];
  const some = list.items?.[0];
  const chosen = [
    ...(actor === null
      ? []
      : [{ name: 'actor', text: words.actor(some?.actor.id === actor ? nameOf(some.actor) : actor) }]),
    ...(subject === null
      ? []
      : [{ name: 'subject', text: words.subject(some && isOf(some, subject) ? nameOf(some.subject) : subject) }]),
    ...(from === null ? [] : [{ name: 'from', text: `${words.from} ${timeOf(from)}` }]),
    ...(until === null ? [] : [{ name: 'until', text: `${words.until} ${timeOf(until)}` }]),
  ];
  if (chosen.length === 0) return null;
  return (
    <Group gap="xs" mb="sm">
      {chosen.map(({ name, text }) => (
        <Pill
          key={name}
          size="md"
          maw="100%"
          withRemoveButton
          onRemove={() => list.setFilter(name, null)}
          removeButtonProps={{ 'aria-label': words.remove(text), 'aria-hidden': false, tabIndex: 0 }}
        >
          {text}
        </Pill>
      ))}
    </Group>
  );
}

function Moment({ list, name, label }: { list: Journal; name: 'from' | 'until'; label: string }) {
  const value = list.filter(name);
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={value === null ? '' : localOf(value)}
      onChange={({ currentTarget }) => {
        const at = new Date(currentTarget.value);
        list.setFilter(name, Number.isNaN(at.getTime()) ? null : at.toISOString());
      }}
    />
  );
}

const actionGroups = Object.entries(journalWords.everything).map(([type, everything]) => ({
  group: journalWords.types[type] ?? type,
  items: [
    { value: `${type}.`, label: everything },
    ...Object.keys(journalWords.actions)
      .filter((action) => action.startsWith(`${type}.`))
      .map((action) => ({ value: action, label: actionName(action) })),
  ],
}));

/** As the input has it: `YYYY-MM-DDTHH:MM` in the viewer's zone. */
function localOf(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function timeOf(at: string): string {
  return Number.isNaN(Date.parse(at)) ? at : shortTime(at);
}

function isOf({ subject }: JournalEntry, wanted: string): boolean {
  return `${subject.type}:${subject.id}` === wanted;
}
