// What the people of the organization let applications do: found by person and by application, and ended.

import type { ApplicationInUse, Authorization, User } from '@keyward/sdk/wire';
import { Group } from '@mantine/core';
import { api, part } from '../../api.ts';
import { useList } from '../../parts/list.ts';
import { Empty } from '../../parts/states.tsx';
import { DataTable } from '../../parts/table.tsx';
import { useMay } from '../../session.ts';
import { authorizationsWords } from '../../words/applications.ts';
import { useQuestion } from '../access/question.tsx';
import { columnsFor } from './allowed-columns.tsx';
import { RecordFilter } from './record-filter.tsx';

const words = authorizationsWords;

export function Authorizations() {
  const list = useList<Authorization>('/v1/authorizations', { filters: ['user', 'application'] });
  const [maySeeUsers, maySeeApplications, mayEnd] = [
    useMay('read:user'),
    useMay('read:application'),
    useMay('delete:authorization'),
  ];
  const [question, ask] = useQuestion(
    '/v1/authorizations',
    '/v1/applications',
    '/v1/self/authorizations',
    '/v1/journal',
  );
  const end = ({ id, application: { name }, user: { email } }: Authorization) =>
    ask({
      what: 'authorization',
      title: words.ask.title(name, email),
      text: words.ask.text,
      go: words.ask.go,
      isDangerous: true,
      done: words.ask.done(name),
      act: () => api.delete(`/v1/authorizations/${part(id)}`),
    });
  const shown = list.items ?? [];
  return (
    <>
      <Group gap="xs" mb="sm">
        <RecordFilter<User>
          list={list}
          filter="user"
          path="/v1/users"
          maySee={maySeeUsers}
          toFound={({ id, email }) => ({ id, name: email })}
          shown={shown.map(({ user: { id, email } }) => ({ id, name: email }))}
          label={words.filters.user}
          placeholder={words.filters.anyUser}
        />
        <RecordFilter<ApplicationInUse>
          list={list}
          filter="application"
          path="/v1/applications"
          maySee={maySeeApplications}
          toFound={({ id, name }) => ({ id, name })}
          shown={shown.map(({ application: { id, name } }) => ({ id, name }))}
          label={words.filters.application}
          placeholder={words.filters.anyApplication}
        />
      </Group>
      <DataTable
        label={words.title}
        list={list}
        keyOf={({ id }) => id}
        columns={columnsFor(maySeeApplications, mayEnd ? end : null)}
        empty={
          <Empty icon="apps" title={words.none}>
            {words.noneText}
          </Empty>
        }
      />
      {question}
    </>
  );
}
