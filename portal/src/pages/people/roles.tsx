// The list of roles: the built-in ones and the organization's own.

import type { Role } from '@keyward/sdk/wire';
import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api, part } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Empty } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { useMay } from '../../session.ts';
import { peopleWords } from '../../words/people.ts';
import { rolesQuery } from '../access/catalogue.ts';
import classes from '../access/cell.module.css';
import { useChosen } from '../access/chosen.ts';
import { PermissionNames } from '../access/permission-names.tsx';
import { PermissionTexts } from '../access/permission-texts.tsx';
import { useQuestion } from '../access/question.tsx';
import { useMayGive } from '../access/role-field.tsx';
import { type RowAction, RowMenu } from '../access/row-menu.tsx';
import { StateBadge } from '../access/state-badge.tsx';
import { CreateRole, EditRole } from './edit-role.tsx';

const words = peopleWords.roles;

export function CreateRoleButton() {
  const mayCreate = useMay('create:role');
  const [isOpen, dialog] = useDisclosure(false);
  if (!mayCreate) return null;
  return (
    <>
      <Button leftSection={<Icon name="plus" size={16} />} onClick={dialog.open}>
        {words.create}
      </Button>
      <Dialog isOpen={isOpen} title={words.new.title} size="lg" isLong onClose={dialog.close}>
        <CreateRole onClose={dialog.close} />
      </Dialog>
    </>
  );
}

export function Roles() {
  const { data, error, refetch } = useQuery(rolesQuery());
  const [mayUpdate, mayDelete] = [useMay('update:role'), useMay('delete:role')];
  const mayGive = useMayGive();
  const viewed = useChosen<Role>();
  const edited = useChosen<Role>();
  const [question, ask] = useQuestion('/v1/roles', '/v1/journal');
  const remove = ({ name }: Role) =>
    ask({
      what: 'role',
      title: words.delete(name),
      text: words.deleteText,
      go: words.deleteGo,
      isDangerous: true,
      done: words.deleted,
      act: () => api.delete(`/v1/roles/${part(name)}`),
    });
  const actionsFor = (role: Role): (RowAction | false)[] => {
    const isMine = !role.builtIn && mayGive(role);
    return [
      { label: words.actions.view, icon: 'eye', onClick: () => viewed.open(role) },
      mayUpdate && isMine && { label: words.actions.edit, icon: 'pen', onClick: () => edited.open(role) },
      mayDelete &&
        !role.builtIn && { label: words.actions.delete, icon: 'trash', isDangerous: true, onClick: () => remove(role) },
    ];
  };
  return (
    <>
      <DataTable
        label={peopleWords.tabs.roles}
        list={{ items: data?.items, error, refetch: () => void refetch() }}
        keyOf={({ name }) => name}
        columns={columnsFor(viewed.open, actionsFor)}
        empty={<Empty icon="shield" title={words.none} />}
        expected={4}
      />
      {question}
      <Dialog isOpen={viewed.isOpen} title={words.view(viewed.row?.name ?? '')} size="lg" onClose={viewed.close}>
        {viewed.row !== null && (
          <Stack gap="md">
            <Text c="dimmed">{viewed.row.builtIn ? words.builtInNote : viewed.row.description}</Text>
            <PermissionTexts names={viewed.row.permissions} />
          </Stack>
        )}
      </Dialog>
      <Dialog
        isOpen={edited.isOpen}
        title={words.edit.title(edited.row?.name ?? '')}
        size="lg"
        isLong
        onClose={edited.close}
      >
        {edited.row !== null && <EditRole role={edited.row} onClose={edited.close} />}
      </Dialog>
    </>
  );
}

function columnsFor(
  view: (role: Role) => void,
  actionsFor: (role: Role) => (RowAction | false)[],
): readonly Column<Role>[] {
  const { columns } = words;
  return [
    {
      key: 'name',
      header: columns.name,
      cell: (role) => (
        <span className={classes.inline}>
          <button type="button" className={`${classes.main} ${classes.plain}`} onClick={() => view(role)}>
            {role.name}
          </button>
          {role.builtIn && <StateBadge state="builtIn" />}
        </span>
      ),
    },
    { key: 'description', header: columns.description, isWideOnly: true, cell: ({ description }) => description },
    {
      key: 'permissions',
      header: columns.permissions,
      isWideOnly: true,
      cell: ({ permissions }) =>
        permissions.includes('*:*') ? words.everything : <PermissionNames names={permissions} shown={1} />,
    },
    {
      key: 'actions',
      header: columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (role) => <RowMenu name={role.name} actions={actionsFor(role)} />,
    },
  ];
}
