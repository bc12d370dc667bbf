// Users and roles: who may sign in, and what they may do.

import { useParameters } from '../address.ts';
import { Page } from '../parts/page.tsx';
import { useMay } from '../session.ts';
import { peopleWords } from '../words/people.ts';
import { Switcher } from './access/switcher.tsx';
import { InviteButton } from './people/invite.tsx';
import { CreateRoleButton, Roles } from './people/roles.tsx';
import { Users } from './people/users.tsx';

const words = peopleWords;

export function PeoplePage() {
  const [{ tab }, change] = useParameters();
  const [maySeeUsers, maySeeRoles] = [useMay('read:user'), useMay('read:role')];
  const isRoles = maySeeRoles && (tab === 'roles' || !maySeeUsers);
  return (
    <Page
      title={words.title}
      intro={words.intro}
      section="access"
      actions={isRoles ? <CreateRoleButton /> : <InviteButton />}
    >
      {maySeeUsers && maySeeRoles && (
        <Switcher
          label={words.tabs.label}
          value={isRoles ? 'roles' : 'users'}
          onChange={(next) => change({ tab: next === 'roles' ? 'roles' : null, search: null, cursor: null })}
          options={[
            ['users', words.tabs.users],
            ['roles', words.tabs.roles],
          ]}
        />
      )}
      {isRoles ? <Roles /> : maySeeUsers && <Users />}
    </Page>
  );
}
