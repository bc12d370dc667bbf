// The columns of a list of tokens.

import type { Token } from '@keyward/sdk/wire';
import { Link } from '@tanstack/react-router';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { accessWords } from '../../words/access.ts';
import { tokensWords } from '../../words/tokens.ts';
import classes from '../access/cell.module.css';
import { PermissionNames } from '../access/permission-names.tsx';
import { RowMenu } from '../access/row-menu.tsx';
import { StateBadge } from '../access/state-badge.tsx';
import { SecretHint } from '../token/details.tsx';
import type { Acts } from './actions.tsx';
import { endsSoon, stateOf } from './state.ts';

const words = tokensWords.columns;

export function columnsFor(isAll: boolean, acts: Acts): readonly Column<Token>[] {
  return [
    { key: 'name', header: words.name, sort: 'name', cell: (token) => <Name token={token} isAll={isAll} /> },
    {
      key: 'state',
      header: words.state,
      isWideOnly: true,
      cell: (token) => <StateBadge state={stateOf(token)} />,
    },
    {
      key: 'permissions',
      header: words.permissions,
      isWideOnly: true,
      cell: ({ permissions }) => <PermissionNames names={permissions} shown={1} />,
    },
    {
      key: 'lastUsed',
      header: words.lastUsed,
      isWideOnly: true,
      cell: ({ lastUsed }) => (
        <span className={classes.nowrap}>
          <When at={lastUsed?.at ?? null} never={accessWords.neverUsed} />
        </span>
      ),
    },
    {
      key: 'ends',
      header: words.ends,
      sort: 'expiresAt',
      isWideOnly: true,
      cell: ({ expiresAt }) => (
        <span className={`${classes.nowrap} ${endsSoon(expiresAt) ? classes.soon : ''}`}>
          <When at={expiresAt} never={accessWords.noEnd} />
        </span>
      ),
    },
    ...(isAll ? [] : [createdColumn]),
    {
      key: 'actions',
      header: words.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (token) => <RowMenu name={token.name} actions={acts.of(token)} />,
    },
  ];
}

const createdColumn: Column<Token> = {
  key: 'created',
  header: words.created,
  sort: 'createdAt',
  isWideOnly: true,
  cell: ({ createdAt }) => (
    <span className={classes.nowrap}>
      <When at={createdAt} />
    </span>
  ),
};

/** Of everyone's tokens it matters more whose they are than what their notes say. */
function Name({ token, isAll }: { token: Token; isAll: boolean }) {
  const { id, name, description, deletedAt } = token;
  return (
    <>
      {deletedAt === null ? (
        <Link to="/tokens/$id" params={{ id }} className={classes.main}>
          {name}
        </Link>
      ) : (
        <span className={classes.main}>{name}</span>
      )}
      {isAll && <Owner token={token} />}
      <span className={classes.under}>
        <SecretHint token={token} />
      </span>
      {description !== '' && !isAll && (
        <span className={classes.text} title={description}>
          {description}
        </span>
      )}
      <span className={classes.phoneOnly}>
        <StateBadge state={stateOf(token)} />
      </span>
    </>
  );
}

function Owner({ token: { owner } }: { token: Token }) {
  return (
    <>
      <span className={classes.under} title={owner.name}>
        {owner.name || owner.id}
      </span>
      {owner.type === 'api_user' && <span className={classes.under}>{accessWords.apiUser}</span>}
    </>
  );
}
