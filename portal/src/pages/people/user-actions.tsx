// What can be done to a user, with the question before it. One's own account has a page of its own.

import type { Link, User } from '@keyward/sdk/wire';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { actingFor } from '../../acting.ts';
import { api, part } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { showDone, showProblem } from '../../parts/notice.ts';
import { Loading } from '../../parts/states.tsx';
import { useMay, useSession } from '../../session.ts';
import { peopleWords } from '../../words/people.ts';
import { useRoles } from '../access/catalogue.ts';
import { useChosen } from '../access/chosen.ts';
import { ending } from '../access/made-too.tsx';
import { useQuestion } from '../access/question.tsx';
import { renewing } from '../access/renewing.ts';
import { useMayGive } from '../access/role-field.tsx';
import type { RowAction } from '../access/row-menu.tsx';
import { EditUser } from './edit-user.tsx';
import { LinkDialog, type MadeLink } from './link-dialog.tsx';

const DeleteUser = lazy(async () => ({ default: (await import('./delete-user.tsx')).DeleteUser }));
const words = peopleWords;
const paths = ['/v1/users', '/v1/journal'] as const;

export function useUserActs(): { of: (user: User) => (RowAction | false)[]; dialogs: ReactNode } {
  const navigate = useNavigate();
  const [mayUpdate, mayDelete] = [useMay('update:user'), useMay('delete:user')];
  const maySeeAllowed = useMay('read:authorization') && actingFor === null;
  const { user: me } = useSession();
  const mayGive = useMayGive();
  const roles = useRoles();
  const [edited, deleted] = [useChosen<User>(), useChosen<User>()];
  const [question, ask] = useQuestion(...paths);
  const [link, setLink] = useState<MadeLink | null>(null);

  const pathOf = ({ id }: User) => `/v1/users/${part(id)}`;
  const activate = (user: User) =>
    void renewing('user', paths, () => api.post(`${pathOf(user)}/activate`))
      .then(() => showDone(words.done.activate))
      .catch(showProblem);
  const makeLink = (user: User) => {
    const kind = user.invited ? 'invitationLink' : 'passwordLink';
    ask({
      what: 'user',
      title: words.ask[kind](user.name),
      text: words.ask[`${kind}Text`],
      go: words.ask.makeLink,
      act: async () => {
        const made = await api.post<Link>(`${pathOf(user)}/password-link`);
        const { name, email } = user;
        setLink({ purpose: user.invited ? 'invitation' : 'reset', name, email, link: made });
      },
    });
  };
  const removeFactor = (user: User) =>
    ask({
      what: 'user',
      title: words.ask.removeFactor(user.name),
      text: words.ask.removeFactorText,
      go: words.ask.removeFactorGo,
      isDangerous: true,
      done: words.done.removeFactor,
      act: () => api.delete(`${pathOf(user)}/second-factor`),
    });
  const deactivate = (user: User) =>
    ask({
      what: 'user',
      title: words.ask.deactivate(user.name),
      text: words.ask.deactivateText,
      go: words.act.deactivate,
      isDangerous: true,
      done: words.done.deactivate,
      madeBy: { list: '/v1/users', id: user.id },
      act: (options) => api.post(ending(`${pathOf(user)}/deactivate`, options)),
    });

  const of = (user: User): (RowAction | false)[] => {
    if (user.id === me.id) {
      return [{ label: words.act.account, icon: 'person', onClick: () => void navigate({ to: '/account' }) }];
    }
    const toApplications = () =>
      void navigate({ to: '/applications', search: { view: 'allowed', user: user.id } as never });
    const applications = maySeeAllowed && {
      label: words.act.applications,
      icon: 'apps' as const,
      onClick: toApplications,
    };
    // Nobody manages those who hold more than they do themselves.
    const role = roles.find(({ name }) => name === user.role) ?? { name: user.role, permissions: [] };
    if (!mayGive(role)) return [applications];
    const { active, invited, secondFactor } = user;
    return [
      mayUpdate && { label: words.act.edit, icon: 'pen', onClick: () => edited.open(user) },
      applications,
      // Links are for an organization's own people to make.
      mayUpdate &&
        actingFor === null &&
        active && {
          label: invited ? words.act.invitationLink : words.act.passwordLink,
          icon: 'copy',
          onClick: () => makeLink(user),
        },
      mayUpdate && secondFactor && { label: words.act.removeFactor, icon: 'shield', onClick: () => removeFactor(user) },
      mayUpdate &&
        (active
          ? { label: words.act.deactivate, icon: 'close', onClick: () => deactivate(user) }
          : { label: words.act.activate, icon: 'check', onClick: () => activate(user) }),
      mayDelete && { label: words.act.delete, icon: 'trash', isDangerous: true, onClick: () => deleted.open(user) },
    ];
  };
  return {
    of,
    dialogs: (
      <>
        {question}
        <Dialog isOpen={edited.isOpen} title={words.edit.title} onClose={edited.close}>
          {edited.row !== null && <EditUser user={edited.row} onClose={edited.close} />}
        </Dialog>
        <Dialog isOpen={deleted.isOpen} title={words.ask.delete(deleted.row?.name ?? '')} onClose={deleted.close}>
          {deleted.row !== null && (
            <Suspense fallback={<Loading />}>
              <DeleteUser user={deleted.row} onClose={deleted.close} />
            </Suspense>
          )}
        </Dialog>
        <LinkDialog made={link} onClose={() => setLink(null)} />
      </>
    ),
  };
}
