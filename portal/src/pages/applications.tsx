// Applications: programs that people let act for them, and, in another view, who lets which of them do what.

import type { CreatedApplication } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { actingFor } from '../acting.ts';
import { useParameters } from '../address.ts';
import { Forbidden } from '../parts/forbidden.tsx';
import { Icon } from '../parts/icon.tsx';
import { showDone } from '../parts/notice.ts';
import { Page } from '../parts/page.tsx';
import { Loading } from '../parts/states.tsx';
import { WhenOpened } from '../parts/when-opened.tsx';
import { useMay } from '../session.ts';
import { applicationsWords, authorizationsWords } from '../words/applications.ts';
import { Switcher } from './access/switcher.tsx';
import { Applications } from './applications/list.tsx';
import { MadeApplication } from './applications/made.tsx';

const words = applicationsWords;
const CreateDialog = lazy(async () => ({ default: (await import('./applications/create-dialog.tsx')).CreateDialog }));
const Authorizations = lazy(async () => ({ default: (await import('./applications/allowed.tsx')).Authorizations }));

export function ApplicationsPage() {
  const [{ view, new: wanted }, change] = useParameters();
  const maySee = useMay('read:application');
  // Nobody ends what people allow in an organization that is not theirs.
  const maySeeAllowed = useMay('read:authorization') && actingFor === null;
  const mayCreate = useMay('create:application') && maySee;
  const [isNew, creation] = useDisclosure(wanted !== undefined && mayCreate);
  const [made, setMade] = useState<CreatedApplication | null>(null);
  const navigate = useNavigate();
  const isAllowed = maySeeAllowed && (view === 'allowed' || !maySee);
  if (!maySee && !maySeeAllowed) return <Forbidden title={words.title} permission="read:application" />;
  // What was shown once has been put away by then.
  const goTo = ({ id }: CreatedApplication) =>
    void navigate({ to: '/applications/$id', params: { id }, ignoreBlocker: true });
  const create = mayCreate && !isAllowed && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={creation.open}>
      {words.create}
    </Button>
  );
  const intro = isAllowed ? authorizationsWords.intro : words.intro;
  return (
    <Page title={words.title} intro={intro} section="access" actions={create}>
      {maySee && maySeeAllowed && (
        <Switcher
          label={words.tabs.label}
          value={isAllowed ? 'allowed' : 'registered'}
          onChange={(next) => change({ ...cleared, view: next === 'allowed' ? next : null })}
          options={[
            ['registered', words.tabs.registered],
            ['allowed', words.tabs.allowed],
          ]}
        />
      )}
      {isAllowed ? (
        <Suspense fallback={<Loading rows={8} height={40} />}>
          <Authorizations />
        </Suspense>
      ) : (
        <Applications create={create} />
      )}
      <WhenOpened isOpen={isNew}>
        <CreateDialog
          isOpen={isNew}
          onClose={creation.close}
          onMade={(created) => {
            creation.close();
            if (created.secret !== null) return setMade(created);
            showDone(words.new.done(created.name));
            goTo(created);
          }}
        />
      </WhenOpened>
      <MadeApplication
        made={made}
        title={words.new.made}
        note={words.new.note}
        onClose={() => {
          setMade(null);
          if (made !== null) goTo(made);
        }}
      />
    </Page>
  );
}

const parameters = ['search', 'cursor', 'sort', 'order', 'user', 'application'];
const cleared = Object.fromEntries(parameters.map((name) => [name, null]));
