// What an application is, whom it acts for, and who registered it.

import type { ApplicationInUse } from '@keyward/sdk/wire';
import { Anchor, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { actingFor } from '../../acting.ts';
import { Copyable } from '../../parts/copy.tsx';
import { Facts, Panel } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { useMay } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { applicationsWords, applicationWords, peopleCount } from '../../words/applications.ts';
import type { RowAction } from '../access/row-menu.tsx';
import { grantsInWords, Maker } from '../applications/columns.tsx';
import classes from '../token/token.module.css';

const words = applicationWords.details;

export function DetailsPanel({ application, change }: { application: ApplicationInUse; change: RowAction | false }) {
  const { id, metadataUrl, type, tokenEndpointAuthMethod, jwksUri, jwks, grants, redirectUris } = application;
  const { people, lastUsedAt, createdAt, logoUrl } = application;
  const maySeeWho = useMay('read:authorization') && actingFor === null;
  return (
    <Panel
      title={words.title}
      actions={
        change !== false && (
          <Button variant="default" size="sm" onClick={change.onClick}>
            {change.label}
          </Button>
        )
      }
    >
      <Facts
        rows={[
          [words.id, <Copyable key="id" text={metadataUrl ?? id} label={words.id} />],
          [words.kind, applicationsWords.kind[type]],
          [words.proof, words.proofs[tokenEndpointAuthMethod]],
          ...(jwksUri === null
            ? []
            : [[words.keys, <Copyable key="keys" text={jwksUri} label={words.keys} />] as const]),
          ...(jwks === null ? [] : [[words.keys, words.pasted(jwks.keys.length)] as const]),
          [words.grants, grantsInWords(grants)],
          [words.redirectUris, <Addresses key="uris" uris={redirectUris} />],
          [
            words.people,
            <>
              {peopleCount(people)}
              {maySeeWho && people > 0 && (
                <>
                  {' · '}
                  <Anchor
                    component={Link}
                    to="/applications"
                    search={{ view: 'allowed', application: id } as never}
                    fz="inherit"
                    underline="always"
                  >
                    {words.who}
                  </Anchor>
                </>
              )}
            </>,
          ],
          [words.lastUsed, <When key="used" at={lastUsedAt} never={accessWords.neverUsed} />],
          [
            words.created,
            <>
              <When at={createdAt} form="exact" /> {applicationsWords.by} <Maker application={application} />
            </>,
          ],
          ...(logoUrl === null
            ? []
            : [[words.logoUrl, <Copyable key="logo" text={logoUrl} label={words.logoUrl} />] as const]),
        ]}
      />
    </Panel>
  );
}

function Addresses({ uris }: { uris: readonly string[] }) {
  if (uris.length === 0) return <>{words.noRedirectUris}</>;
  return (
    <span className={classes.lines}>
      {uris.map((uri) => (
        <span key={uri} className="kw-mono">
          {uri}
        </span>
      ))}
    </span>
  );
}
