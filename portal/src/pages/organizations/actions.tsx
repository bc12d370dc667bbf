// What an operator may do with an organization, as a menu at the end of its row.

import type { Organization } from '@keyward/sdk/wire';
import { hrefIn } from '../../acting.ts';
import { mayAct, useMay, useSession } from '../../session.ts';
import { actingWords } from '../../words/acting.ts';
import { organizationWords } from '../../words/organizations.ts';
import { RowMenu } from '../access/row-menu.tsx';

export type Act = 'plan' | 'entitlement' | 'rename' | 'externalId' | 'owner' | 'deactivate' | 'activate' | 'delete';

const words = organizationWords.act;

interface ActionsProps {
  organization: Organization;
  onAct: (act: Act, organization: Organization) => void;
}

export function Actions({ organization, onAct }: ActionsProps) {
  const session = useSession();
  const isOwn = session.organization.id === organization.id;
  const mayGive = useMay('update:plan');
  const mayChange = useMay('update:organization');
  const mayCreate = useMay('create:organization');
  const mayDelete = useMay('delete:organization');
  const does = (act: Act) => () => onAct(act, organization);
  return (
    <RowMenu
      name={organization.name}
      actions={[
        mayAct(session) &&
          !isOwn && {
            label: actingWords.enter,
            icon: 'right',
            onClick: () => window.location.assign(hrefIn(organization.id, '/')),
          },
        mayChange && mayGive && { label: words.plan, icon: 'gauge', onClick: does('plan') },
        mayChange && mayGive && { label: words.entitlement, icon: 'shield', onClick: does('entitlement') },
        mayChange && { label: words.rename, icon: 'pen', onClick: does('rename') },
        mayChange && { label: words.externalId, icon: 'pen', onClick: does('externalId') },
        mayCreate && !isOwn && { label: words.owner, icon: 'person', onClick: does('owner') },
        mayChange && !isOwn && organization.active
          ? { label: words.deactivate, icon: 'close', onClick: does('deactivate') }
          : mayChange && !isOwn && { label: words.activate, icon: 'check', onClick: does('activate') },
        mayDelete && !isOwn && { label: words.delete, icon: 'trash', isDangerous: true, onClick: does('delete') },
      ]}
    />
  );
}
