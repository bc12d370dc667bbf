// The API tokens of all organizations, for operators: whose each is, and the way to it. What is done to one is done there.

import type { Token } from '@keyward/sdk/wire';
import { hrefIn } from '../../acting.ts';
import { useList } from '../../parts/list.ts';
import { Empty } from '../../parts/states.tsx';
import { type Column, DataTable, Toolbar } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { useOwnSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { tokensWords as words } from '../../words/tokens.ts';
import classes from '../access/cell.module.css';
import { StateBadge } from '../access/state-badge.tsx';
import { SecretHint } from '../token/details.tsx';
import { filterNames, TokenFilters } from './filters.tsx';
import { stateOf } from './state.ts';

export function TokensEverywhere() {
  const own = useOwnSession().organization.id;
  const list = useList<Token>('/v1/tokens', { filters: filterNames, fixed: { organization: '*' } });
  const hrefOf = ({ id, organization }: Token) =>
    hrefIn(organization === undefined || organization.id === own ? null : organization.id, `/tokens/${id}`);
  const columns: Column<Token>[] = [
    {
      key: 'name',
      header: words.columns.name,
      cell: (token) => (
        <>
          {token.deletedAt === null ? (
            <a href={hrefOf(token)} className={classes.main}>
              {token.name}
            </a>
          ) : (
            <span className={classes.main}>{token.name}</span>
          )}
          <span className={classes.under} title={token.owner.name}>
            {token.owner.name || token.owner.id}
          </span>
          <span className={classes.under}>
            <SecretHint token={token} />
          </span>
        </>
      ),
    },
    { key: 'organization', header: words.columns.organization, cell: ({ organization }) => organization?.name },
    {
      key: 'state',
      header: words.columns.state,
      isWideOnly: true,
      cell: (token) => <StateBadge state={stateOf(token)} />,
    },
    {
      key: 'lastUsed',
      header: words.columns.lastUsed,
      isWideOnly: true,
      cell: ({ lastUsed }) => <When at={lastUsed?.at ?? null} never={accessWords.neverUsed} />,
    },
    {
      key: 'created',
      header: words.columns.created,
      isWideOnly: true,
      cell: ({ createdAt }) => <When at={createdAt} />,
    },
  ];
  return (
    <>
      <Toolbar list={list} searchLabel={words.search} filters={<TokenFilters list={list} isAll={false} />} />
      <DataTable
        label={words.title}
        list={list}
        keyOf={({ id }) => id}
        columns={columns}
        empty={<Empty icon="token" title={words.none} />}
      />
    </>
  );
}
