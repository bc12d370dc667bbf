// The columns of the list of applications.

import type { ApplicationInUse } from '@keyward/sdk/wire';
import { Link } from '@tanstack/react-router';
import { hostDescribing } from '../../parts/described-at.ts';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { applicationsWords } from '../../words/applications.ts';
import classes from '../access/cell.module.css';
import { type RowAction, RowMenu } from '../access/row-menu.tsx';
import { StateBadge } from '../access/state-badge.tsx';

const words = applicationsWords;

export function columnsFor(
  actionsFor: (application: ApplicationInUse) => (RowAction | false)[],
): readonly Column<ApplicationInUse>[] {
  const { columns } = words;
  return [
    { key: 'name', header: columns.name, sort: 'name', cell: (application) => <Name application={application} /> },
    {
      key: 'state',
      header: columns.state,
      isWideOnly: true,
      cell: ({ active }) => <StateBadge state={active ? 'active' : 'inactive'} />,
    },
    { key: 'kind', header: columns.kind, isWideOnly: true, cell: ({ type }) => words.kind[type] },
    { key: 'grants', header: columns.grants, isWideOnly: true, cell: ({ grants }) => grantsInWords(grants) },
    {
      key: 'people',
      header: columns.people,
      isWideOnly: true,
      align: 'right',
      cell: ({ people }) => people.toLocaleString(),
    },
    {
      key: 'lastUsed',
      header: columns.lastUsed,
      isWideOnly: true,
      cell: ({ lastUsedAt }) => (
        <span className={classes.nowrap}>
          <When at={lastUsedAt} never={accessWords.neverUsed} />
        </span>
      ),
    },
    {
      key: 'actions',
      header: columns.actions,
      isHeaderHidden: true,
      align: 'right',
      width: 52,
      cell: (application) => <RowMenu name={application.name} actions={actionsFor(application)} />,
    },
  ];
}

export function grantsInWords(grants: readonly string[]): string {
  return grants.map((grant) => words.grants[grant] ?? grant).join(', ');
}

function Name({ application }: { application: ApplicationInUse }) {
  const { id, name, type, active, createdAt } = application;
  const host = hostDescribing(application);
  return (
    <>
      <Link to="/applications/$id" params={{ id }} className={classes.main}>
        {name}
      </Link>
      {host !== null && <span className={`kw-mono ${classes.under}`}>{host}</span>}
      <span className={classes.under}>
        <When at={createdAt} /> {words.by} <Maker application={application} />
      </span>
      <span className={classes.phoneOnly}>
        <StateBadge state={active ? 'active' : 'inactive'} /> {words.kind[type]}
      </span>
    </>
  );
}

/** Who registered it, as far as that is known here. */
export function Maker({ application: { createdBy, createdByName } }: { application: ApplicationInUse }) {
  const { user } = useSession();
  if (createdBy === null) return <>{words.system}</>;
  if (createdBy === user.id) return <>{accessWords.you}</>;
  return createdByName ?? <span className="kw-mono">{createdBy}</span>;
}
