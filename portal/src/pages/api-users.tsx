// API users: accounts of machines.

import type { ApiUser, CreatedApiUser } from '@keyward/sdk/wire';
import { Button, NativeSelect } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useParameters } from '../address.ts';
import { api, part } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ExternalIdFilter } from '../parts/external-id.tsx';
import { Icon } from '../parts/icon.tsx';
import { useList } from '../parts/list.ts';
import { showDone, showProblem } from '../parts/notice.ts';
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { DataTable, Toolbar } from '../parts/table.tsx';
import { useMay } from '../session.ts';
import { apiUsersWords } from '../words/api-users.ts';
import { useChosen } from './access/chosen.ts';
import { ending } from './access/made-too.tsx';
import { useQuestion } from './access/question.tsx';
import { renewing } from './access/renewing.ts';
import type { RowAction } from './access/row-menu.tsx';
import { columnsFor } from './api-users/columns.tsx';
import { DeactivateApiUser } from './api-users/deactivate.tsx';
import { CreateApiUser, EditApiUser } from './api-users/edit.tsx';
import { MadeApiUser } from './api-users/made.tsx';

const words = apiUsersWords;
const paths = ['/v1/api-users', '/v1/journal'] as const;

export function ApiUsersPage() {
  const list = useList<ApiUser>('/v1/api-users', {
    filters: ['deleted', 'externalId'],
    sort: { by: 'createdAt', order: 'desc' },
  });
  const mayCreate = useMay('create:api_user');
  const [isNew, creation] = useDisclosure(useParameters()[0].new !== undefined && mayCreate);
  const [made, setMade] = useState<CreatedApiUser | null>(null);
  const [madeTitle, setMadeTitle] = useState(words.new.made);
  const edited = useChosen<ApiUser>();
  const ended = useChosen<ApiUser>();
  const { question, actionsFor } = useActions({
    onEdit: edited.open,
    onDeactivate: ended.open,
    onMade: (successor) => {
      setMadeTitle(words.successor.made);
      setMade(successor);
    },
  });
  const create = mayCreate && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={creation.open}>
      {words.create}
    </Button>
  );
  return (
    <Page title={words.title} intro={words.intro} section="access" actions={create}>
      <Toolbar
        list={list}
        searchLabel={words.search}
        filters={
          <>
            <NativeSelect
              aria-label={words.filter.label}
              value={list.filter('deleted') ?? ''}
              data={[
                { value: '', label: words.filter.present },
                { value: 'only', label: words.filter.deleted },
              ]}
              onChange={({ currentTarget }) => list.setFilter('deleted', currentTarget.value || null)}
            />
            <ExternalIdFilter list={list} />
          </>
        }
      />
      <DataTable
        label={words.title}
        list={list}
        keyOf={({ id }) => id}
        columns={columnsFor(actionsFor)}
        empty={
          <Empty icon="robot" title={words.none} action={create}>
            {words.noneText}
          </Empty>
        }
      />
      <Dialog isOpen={isNew} title={words.new.title} onClose={creation.close}>
        <CreateApiUser
          onCancel={creation.close}
          onMade={(created) => {
            creation.close();
            setMadeTitle(words.new.made);
            setMade(created);
          }}
        />
      </Dialog>
      <MadeApiUser made={made} title={madeTitle} onClose={() => setMade(null)} />
      <Dialog isOpen={edited.isOpen} title={words.edit.title} onClose={edited.close}>
        {edited.row !== null && <EditApiUser apiUser={edited.row} onClose={edited.close} />}
      </Dialog>
      <Dialog isOpen={ended.isOpen} title={words.deactivate.title(ended.row?.name ?? '')} onClose={ended.close}>
        {ended.row !== null && <DeactivateApiUser apiUser={ended.row} onClose={ended.close} />}
      </Dialog>
      {question}
    </Page>
  );
}

interface ActionHandlers {
  onEdit: (apiUser: ApiUser) => void;
  onDeactivate: (apiUser: ApiUser) => void;
  onMade: (successor: CreatedApiUser) => void;
}

function useActions({ onEdit, onDeactivate, onMade }: ActionHandlers) {
  const navigate = useNavigate();
  const [question, ask] = useQuestion(...paths);
  const [mayCreate, mayUpdate, mayDelete, maySeeTokens] = [
    useMay('create:api_user'),
    useMay('update:api_user'),
    useMay('delete:api_user'),
    useMay('read:organization_api_key'),
  ];
  const atOnce = (act: 'activate' | 'restore', id: string) =>
    void renewing('API user', paths, () => api.post(`/v1/api-users/${part(id)}/${act}`))
      .then(() => showDone(words.done[act]))
      .catch(showProblem);
  const succeed = ({ id, name }: ApiUser) =>
    ask({
      what: 'API user',
      title: words.successor.title(name),
      text: words.successor.text,
      go: words.successor.go,
      act: async () => onMade(await api.post<CreatedApiUser>(`/v1/api-users/${part(id)}/successor`)),
    });
  const remove = ({ id, name }: ApiUser) =>
    ask({
      what: 'API user',
      title: words.delete.title(name),
      text: words.delete.text,
      go: words.delete.go,
      isDangerous: true,
      done: words.delete.done,
      madeBy: { list: '/v1/api-users', id },
      act: (options) => api.delete(ending(`/v1/api-users/${part(id)}`, options)),
    });
  const actionsFor = (apiUser: ApiUser): (RowAction | false)[] => {
    const { id, deactivatedAt, deletedAt } = apiUser;
    if (deletedAt !== null) {
      return [mayDelete && { label: words.act.restore, icon: 'rotate', onClick: () => atOnce('restore', id) }];
    }
    const toTokens = () => void navigate({ to: '/tokens', search: { whose: 'all', owner: id } as never });
    return [
      mayUpdate && { label: words.act.edit, icon: 'pen', onClick: () => onEdit(apiUser) },
      maySeeTokens && { label: words.act.tokens, icon: 'token', onClick: toTokens },
      mayCreate && { label: words.act.successor, icon: 'plus', onClick: () => succeed(apiUser) },
      mayUpdate &&
        (deactivatedAt === null
          ? { label: words.act.deactivate, icon: 'close', onClick: () => onDeactivate(apiUser) }
          : { label: words.act.activate, icon: 'check', onClick: () => atOnce('activate', id) }),
      mayDelete && { label: words.act.delete, icon: 'trash', isDangerous: true, onClick: () => remove(apiUser) },
    ];
  };
  return { question, actionsFor };
}
