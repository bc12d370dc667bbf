// The columns of what people let applications do.

import type { Authorization } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { hostDescribing } from '../../parts/described-at.ts';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { authorizationsWords } from '../../words/applications.ts';
import classes from '../access/cell.module.css';
import { PermissionNames } from '../access/permission-names.tsx';

const words = authorizationsWords;

/** `end` null for who may not. */
export function columnsFor(
  maySeeApplications: boolean,
  end: ((authorization: Authorization) => void) | null,
): readonly Column<Authorization>[] {
  const { columns } = words;
  return [
    {
      key: 'person',
      header: columns.person,
      cell: (authorization) => (
        <>
          <span className={classes.main}>{authorization.user.email}</span>
          <span className={classes.phoneOnly}>
            <ApplicationName authorization={authorization} isLinked={maySeeApplications} />
            <span className={classes.under}>{words.at(authorization.api)}</span>
            <span className={`${classes.text} kw-mono`}>{authorization.scope.join(' ')}</span>
          </span>
        </>
      ),
    },
    {
      key: 'application',
      header: columns.application,
      isWideOnly: true,
      cell: (authorization) => <ApplicationName authorization={authorization} isLinked={maySeeApplications} />,
    },
    { key: 'api', header: columns.api, isWideOnly: true, cell: ({ api }) => api },
    {
      key: 'scope',
      header: columns.scope,
      isWideOnly: true,
      cell: ({ scope }) => <PermissionNames names={scope} shown={1} />,
    },
    {
      key: 'since',
      header: columns.since,
      isWideOnly: true,
      cell: ({ createdAt }) => (
        <span className={classes.nowrap}>
          <When at={createdAt} />
        </span>
      ),
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
    ...(end === null ? [] : [endColumn(end)]),
  ];
}

function endColumn(end: (authorization: Authorization) => void): Column<Authorization> {
  return {
    key: 'actions',
    header: words.columns.actions,
    isHeaderHidden: true,
    align: 'right',
    width: 72,
    cell: (authorization) => (
      <Button
        variant="default"
        size="compact-sm"
        aria-label={words.endOne(authorization.application.name, authorization.user.email)}
        onClick={() => end(authorization)}
      >
        {words.end}
      </Button>
    ),
  };
}

/** Those of another organization have no page here. */
function ApplicationName({ authorization, isLinked }: { authorization: Authorization; isLinked: boolean }) {
  const own = useSession().organization.id;
  const { application } = authorization;
  const { id, name, organization } = application;
  const host = hostDescribing(application);
  if (organization.id === own && isLinked) {
    return (
      <>
        <Link to="/applications/$id" params={{ id }} className={classes.link}>
          {name}
        </Link>
        {host !== null && <span className={`kw-mono ${classes.under}`}>{host}</span>}
      </>
    );
  }
  return (
    <span className={classes.link}>
      {name}
      {host !== null && <span className={`kw-mono ${classes.under}`}>{host}</span>}
      {host === null && organization.id !== own && <span className={classes.under}>{words.of(organization.name)}</span>}
    </span>
  );
}
