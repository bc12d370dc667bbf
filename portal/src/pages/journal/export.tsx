// The journal as a file, with what the search and the filters leave. The browser saves it while it comes, however long
// it is.

import type { JournalEntry, JournalList } from '@keyward/sdk/wire';
import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { addressOf, api } from '../../api.ts';
import { Icon } from '../../parts/icon.tsx';
import type { List } from '../../parts/list.ts';
import { showProblem } from '../../parts/notice.ts';
import { journalWords } from '../../words/journal.ts';
import { filterNames } from './filters.tsx';

const words = journalWords.export;

export function Export({ list }: { list: List<JournalEntry> }) {
  const saving = useMutation({ mutationFn: (format: 'csv' | 'json') => save(format, list), onError: showProblem });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<Icon name="download" size={16} />} loading={saving.isPending}>
          {words.button}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => saving.mutate('csv')}>{words.csv}</Menu.Item>
        <Menu.Item onClick={() => saving.mutate('json')}>{words.json}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

async function save(format: 'csv' | 'json', list: List<JournalEntry>): Promise<void> {
  const asked = [['search', list.search], ...filterNames.map((name) => [name, list.filter(name) ?? ''])];
  const filters = asked.filter((pair): pair is [string, string] => pair[1] !== '');
  // A download that is refused says nothing; this does, and signs in again where that is needed.
  await api.get<JournalList>('/v1/journal', { ...Object.fromEntries(filters), limit: 1 });
  const link = document.createElement('a');
  link.href = addressOf('/v1/journal/export', { format, ...Object.fromEntries(filters) });
  link.download = `journal.${format}`;
  link.click();
}
