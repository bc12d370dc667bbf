// The one dialog of the page of APIs: what was chosen to be done decides what is in it.

import type { Api, Permission } from '@keyward/sdk/wire';
import { part } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { apisWords } from '../../words/apis.ts';
import { permissionsWords } from '../../words/permissions.ts';
import type { Chosen } from '../access/chosen.ts';
import { DescribePermission, RegisterPermission } from '../permissions/edit.tsx';
import { ChangeApi, CreateApi } from './edit.tsx';
import { PermissionHolders } from './holders.tsx';
import { RemoveForm } from './remove.tsx';

export type Opened =
  | { act: 'create' }
  | { act: 'change' | 'delete' | 'register'; shown: Api }
  | { act: 'describe' | 'holders' | 'remove'; permission: Permission };

export function ApiDialog({ opened: { row, isOpen, close } }: { opened: Chosen<Opened> }) {
  return (
    <Dialog isOpen={isOpen} title={row === null ? '' : titleOf(row)} onClose={close}>
      {row !== null && <Contents opened={row} onClose={close} />}
    </Dialog>
  );
}

function Contents({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  if (opened.act === 'create') return <CreateApi onClose={onClose} />;
  if ('shown' in opened) {
    const { act, shown } = opened;
    if (act === 'change') return <ChangeApi shown={shown} onClose={onClose} />;
    if (act === 'register') return <RegisterPermission of={shown.handle} onClose={onClose} />;
    const words = { ...apisWords.delete, force: permissionsWords.delete.force };
    return <RemoveForm what="API" path={`/v1/apis/${part(shown.handle)}`} words={words} onClose={onClose} />;
  }
  const { act, permission } = opened;
  if (act === 'describe') return <DescribePermission permission={permission} onClose={onClose} />;
  if (act === 'holders') return <PermissionHolders name={permission.name} />;
  const path = `/v1/permissions/${part(permission.name)}`;
  return <RemoveForm what="permission" path={path} words={permissionsWords.delete} onClose={onClose} />;
}

function titleOf(opened: Opened): string {
  if (opened.act === 'create') return apisWords.new.title;
  if ('shown' in opened) {
    const { act, shown } = opened;
    if (act === 'register') return permissionsWords.new.title;
    return apisWords[act].title(shown.name);
  }
  const { act, permission } = opened;
  if (act === 'describe') return permissionsWords.describe.title(permission.name);
  return act === 'holders' ? apisWords.holders.title(permission.name) : permissionsWords.delete.title(permission.name);
}
