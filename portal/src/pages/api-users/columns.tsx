// The columns of the list of API users.

import type { ApiUser } from '@keyward/sdk/wire';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { accessWords } from '../../words/access.ts';
import { apiUsersWords } from '../../words/api-users.ts';
import classes from '../access/cell.module.css';
import { type RowAction, RowMenu } from '../access/row-menu.tsx';
import { type State, StateBadge } from '../access/state-badge.tsx';

const words = apiUsersWords.columns;

export function columnsFor(actionsFor: (apiUser: ApiUser) => (RowAction | false)[]): readonly Column<ApiUser>[] {
  return [
    { key: 'name', header: words.name, sort: 'name', cell: (apiUser) => <Name apiUser={apiUser} /> },
    {
      key: 'state',
      header: words.state,
      isWideOnly: true,
      cell: (apiUser) => (
        <>
          <StateBadge state={stateOf(apiUser)} />
          {apiUser.rotation !== null && (
            <span className={classes.under}>
              {words.oldUntil} <When at={apiUser.rotation.previousUntil} />
            </span>
          )}
        </>
      ),
    },
    { key: 'role', header: words.role, isWideOnly: true, cell: ({ role }) => role || accessWords.role.none },
    {
      key: 'lastUsed',
      header: words.lastUsed,
      isWideOnly: true,
      cell: ({ lastUsed }) => (
        <>
          <span className={classes.nowrap}>
            <When at={lastUsed?.at ?? null} never={accessWords.neverUsed} />
          </span>
          {lastUsed?.address != null && (
            <span className={classes.under}>
              {accessWords.from} {lastUsed.address}
            </span>
          )}
        </>
      ),
    },
    {
      key: 'created',
      header: words.created,
      sort: 'createdAt',
      isWideOnly: true,
      cell: ({ createdAt }) => (
        <span className={classes.nowrap}>
          <When at={createdAt} />
        </span>
      ),
    },
    {
      key: 'actions',
      header: words.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (apiUser) => <RowMenu name={apiUser.name} actions={actionsFor(apiUser)} />,
    },
  ];
}

function Name({ apiUser }: { apiUser: ApiUser }) {
  return (
    <>
      <span className={classes.main}>{apiUser.name}</span>
      <span className={`${classes.under} kw-mono`} data-wide title={apiUser.username}>
        {apiUser.username}
      </span>
      {apiUser.externalId !== null && (
        <span className={classes.under} title={apiUser.externalId}>
          {apiUser.externalId}
        </span>
      )}
      <span className={classes.phoneOnly}>
        <StateBadge state={stateOf(apiUser)} />
      </span>
    </>
  );
}

function stateOf({ deactivatedAt, deletedAt, state, rotation }: ApiUser): State {
  if (deletedAt !== null) return 'deleted';
  if (state === 'suspended') return 'suspended';
  if (deactivatedAt !== null) return 'inactive';
  if (state === 'powerless') return 'powerless';
  return rotation === null ? 'active' : 'rotating';
}
