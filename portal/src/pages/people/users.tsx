// The list of users.

import type { User } from '@keyward/sdk/wire';
import { useList } from '../../parts/list.ts';
import { Empty } from '../../parts/states.tsx';
import { type Column, DataTable, Toolbar } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { peopleWords } from '../../words/people.ts';
import classes from '../access/cell.module.css';
import { type RowAction, RowMenu } from '../access/row-menu.tsx';
import { type State, StateBadge } from '../access/state-badge.tsx';
import { useUserActs } from './user-actions.tsx';

const words = peopleWords.users;

export function Users() {
  const { user: me } = useSession();
  const list = useList<User>('/v1/users', { sort: { by: 'name', order: 'asc' } });
  const acts = useUserActs();
  return (
    <>
      <Toolbar list={list} searchLabel={words.search} />
      <DataTable
        label={peopleWords.tabs.users}
        list={list}
        keyOf={({ id }) => id}
        columns={columnsFor(me.id, acts.of)}
        empty={
          <Empty icon="people" title={words.none}>
            {words.noneText}
          </Empty>
        }
      />
      {acts.dialogs}
    </>
  );
}

function columnsFor(me: string, actionsFor: (user: User) => (RowAction | false)[]): readonly Column<User>[] {
  const { columns } = words;
  return [
    { key: 'name', header: columns.name, sort: 'name', cell: (user) => <Name user={user} isMe={user.id === me} /> },
    { key: 'state', header: columns.state, isWideOnly: true, cell: (user) => <StateBadge state={stateOf(user)} /> },
    { key: 'role', header: columns.role, isWideOnly: true, cell: ({ role }) => role || accessWords.role.none },
    {
      key: 'secondFactor',
      header: columns.secondFactor,
      isWideOnly: true,
      cell: ({ secondFactor }) => (secondFactor ? words.secondFactor.on : words.secondFactor.off),
    },
    {
      key: 'lastSeen',
      header: columns.lastSeen,
      isWideOnly: true,
      cell: ({ lastSeenAt }) => (
        <span className={classes.nowrap}>
          <When at={lastSeenAt} never={words.neverSeen} />
        </span>
      ),
    },
    {
      key: 'actions',
      header: columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (user) => <RowMenu name={user.name} actions={actionsFor(user)} />,
    },
  ];
}

function Name({ user, isMe }: { user: User; isMe: boolean }) {
  return (
    <>
      <span className={classes.main}>
        {user.name}
        {isMe && ` (${words.you})`}
      </span>
      <span className={classes.under} title={user.email}>
        {user.email}
      </span>
      <span className={classes.phoneOnly}>
        <StateBadge state={stateOf(user)} /> {user.role || accessWords.role.none}
      </span>
    </>
  );
}

function stateOf({ active, invited, stateReason }: User): State {
  if (invited && stateReason === 'invited') return 'invited';
  if (stateReason === 'restored') return 'suspended';
  return active ? 'active' : 'inactive';
}
