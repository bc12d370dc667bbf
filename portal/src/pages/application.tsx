// One application: what it is, what it may ask for, the calls that sign people in with it, and everything that can be done
// with it.

import type { ApplicationInUse } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Snippets } from '../parts/secret.tsx';
import { Panel } from '../parts/states.tsx';
import { applicationsWords, applicationWords } from '../words/applications.ts';
import { isGone, PendingPage } from './access/pending-page.tsx';
import { PermissionTexts } from './access/permission-texts.tsx';
import { type RowAction, RowMenu } from './access/row-menu.tsx';
import { StateBadge } from './access/state-badge.tsx';
import { DetailsPanel } from './application/details.tsx';
import { useActions } from './applications/actions.tsx';
import { useApplication } from './applications/query.tsx';
import { snippetsOf } from './applications/snippets.ts';
import { useServerUrl } from './tokens/made.tsx';

const words = applicationWords;
const back = { to: '/applications', label: words.back } as const;

export function ApplicationPage() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useApplication(id);
  if (data !== undefined && !isGone(error)) return <Shown application={data} />;
  const onRetry = () => void refetch();
  const title = applicationsWords.one;
  return <PendingPage title={title} icon="apps" back={back} words={words} error={error} onRetry={onRetry} />;
}

function Shown({ application }: { application: ApplicationInUse }) {
  const navigate = useNavigate();
  const acts = useActions({ onDeleted: () => navigate({ to: '/applications' }) });
  const { change, rotate, turn, remove } = acts.of(application);
  return (
    <Page
      title={application.name}
      section="access"
      back={back}
      aside={<StateBadge state={application.active ? 'active' : 'inactive'} />}
      actions={
        <>
          <ActButton act={turn} />
          <ActButton act={rotate} hasIcon />
          <RowMenu as="button" name={application.name} actions={[change, remove]} />
        </>
      }
    >
      <DetailsPanel application={application} change={change} />
      <Panel title={words.permissions.title} intro={words.permissions.intro}>
        <PermissionTexts names={application.permissions} />
      </Panel>
      {application.metadataUrl === null && <SnippetsPanel application={application} />}
      {acts.dialogs}
    </Page>
  );
}

function ActButton({ act, hasIcon = false }: { act: RowAction | false; hasIcon?: boolean }) {
  if (act === false) return null;
  return (
    <Button variant="default" onClick={act.onClick} leftSection={hasIcon && <Icon name={act.icon} size={16} />}>
      {act.label}
    </Button>
  );
}

function SnippetsPanel({ application }: { application: ApplicationInUse }) {
  const snippets = snippetsOf(useServerUrl(), application);
  return (
    <Panel title={words.snippets.title} intro={words.snippets.intro}>
      <Snippets key={snippets.map(({ id }) => id).join(' ')} snippets={snippets} />
    </Panel>
  );
}
