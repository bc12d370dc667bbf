// What can be done with an application, from its row and from its page, and the questions before it.

import type { ApplicationInUse, CreatedApplication } from '@keyward/sdk/wire';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, useState } from 'react';
import { actingFor } from '../../acting.ts';
import { api, part } from '../../api.ts';
import { showDone, showProblem } from '../../parts/notice.ts';
import { WhenOpened } from '../../parts/when-opened.tsx';
import { useMay } from '../../session.ts';
import { applicationsWords } from '../../words/applications.ts';
import { useChosen } from '../access/chosen.ts';
import { useQuestion } from '../access/question.tsx';
import { renewing } from '../access/renewing.ts';
import type { RowAction } from '../access/row-menu.tsx';
import { MadeApplication } from './made.tsx';
import { Counted } from './query.tsx';

const words = applicationsWords;
const paths = ['/v1/applications', '/v1/authorizations', '/v1/journal'] as const;
const EditDialog = lazy(async () => ({ default: (await import('./edit.tsx')).EditDialog }));

export interface ApplicationActs {
  /** The acts on one that its viewer may do, by their names. */
  of: (application: ApplicationInUse) => Record<'change' | 'rotate' | 'turn' | 'remove' | 'people', RowAction | false>;
  /** The menu of a row. */
  actionsFor: (application: ApplicationInUse) => (RowAction | false)[];
  /** To be placed on the page. */
  dialogs: ReactNode;
}

export function useActions({ onDeleted }: { onDeleted?: () => Promise<void> } = {}): ApplicationActs {
  const navigate = useNavigate();
  const [question, ask] = useQuestion(...paths);
  const edited = useChosen<ApplicationInUse>();
  const [renewed, setRenewed] = useState<CreatedApplication | null>(null);
  const [mayUpdate, mayDelete] = [useMay('update:application'), useMay('delete:application')];
  const maySeeAllowed = useMay('read:authorization') && actingFor === null;

  const activate = (id: string) =>
    void renewing('application', paths, () => api.post(`${pathOf(id)}/activate`))
      .then(() => showDone(words.activated))
      .catch(showProblem);
  const deactivate = (application: ApplicationInUse) =>
    ask({
      what: 'application',
      title: words.deactivate.title(application.name),
      text: <Counted of={application} text={words.deactivate.text} />,
      go: words.act.deactivate,
      isDangerous: true,
      done: words.deactivate.done,
      act: () => api.post(`${pathOf(application.id)}/deactivate`),
    });
  const rotate = ({ id, name }: ApplicationInUse) =>
    ask({
      what: 'application',
      title: words.rotate.title(name),
      text: words.rotate.text,
      go: words.rotate.go,
      isDangerous: true,
      act: async () => setRenewed(await api.post<CreatedApplication>(`${pathOf(id)}/rotate`)),
    });
  const remove = (application: ApplicationInUse) =>
    ask({
      what: 'application',
      title: words.delete.title(application.name),
      text: <Counted of={application} text={words.delete.text} />,
      go: words.act.delete,
      isDangerous: true,
      done: words.delete.done,
      act: async () => {
        await api.delete(pathOf(application.id));
        await onDeleted?.();
      },
    });

  const of: ApplicationActs['of'] = (application) => {
    const { id, active, metadataUrl, tokenEndpointAuthMethod: proof } = application;
    const { act } = words;
    const toPeople = () =>
      void navigate({ to: '/applications', search: { view: 'allowed', application: id } as never });
    return {
      // One that describes itself is changed by nobody else.
      change: mayUpdate &&
        metadataUrl === null && { label: act.change, icon: 'pen', onClick: () => edited.open(application) },
      people: maySeeAllowed && { label: act.people, icon: 'people', onClick: toPeople },
      rotate: mayUpdate &&
        proof === 'client_secret_basic' && { label: act.rotate, icon: 'rotate', onClick: () => rotate(application) },
      turn:
        mayUpdate &&
        (active
          ? { label: act.deactivate, icon: 'close', onClick: () => deactivate(application) }
          : { label: act.activate, icon: 'check', onClick: () => activate(id) }),
      remove: mayDelete && {
        label: act.delete,
        icon: 'trash',
        isDangerous: true,
        onClick: () => remove(application),
      },
    };
  };
  return {
    of,
    actionsFor: (application) => {
      const { change, people, rotate: renew, turn, remove: end } = of(application);
      return [change, people, renew, turn, end];
    },
    dialogs: (
      <>
        {question}
        <WhenOpened isOpen={edited.isOpen}>
          {edited.row !== null && (
            <EditDialog key={edited.row.id} application={edited.row} isOpen={edited.isOpen} onClose={edited.close} />
          )}
        </WhenOpened>
        <MadeApplication
          made={renewed}
          title={words.rotate.made}
          note={words.rotate.note}
          onClose={() => setRenewed(null)}
        />
      </>
    ),
  };
}

function pathOf(id: string): string {
  return `/v1/applications/${part(id)}`;
}
