// The catalogue of permissions: those of the APIs, which the operator keeps, and beneath them Keyward's own.

import type { Permission } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { part } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { useMay, useSession } from '../session.ts';
import { permissionsWords } from '../words/permissions.ts';
import { catalogueQuery } from './access/catalogue.ts';
import { useChosen } from './access/chosen.ts';
import type { RowAction } from './access/row-menu.tsx';
import { RemoveForm } from './apis/remove.tsx';
import { DescribePermission, RegisterPermission } from './permissions/edit.tsx';
import { Catalogue } from './permissions/list.tsx';

const words = permissionsWords;

export function PermissionsPage() {
  const catalogue = useQuery(catalogueQuery());
  const [search, setSearch] = useState('');
  const { organization } = useSession();
  const mayCreate = useMay('create:permission') && organization.isOperator;
  const [isNew, creation] = useDisclosure(false);
  const { actionsFor, dialogs } = useActions();
  const create = mayCreate && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={creation.open}>
      {words.create}
    </Button>
  );
  const matches = ({ name, description, api, group }: Permission) =>
    `${name} ${description} ${api ?? ''} ${group}`.toLowerCase().includes(search.trim().toLowerCase());
  return (
    <Page title={words.title} intro={words.intro} section="access" actions={create}>
      <SearchField label={words.search} value={search} maw={360} mb="md" onChange={setSearch} />
      <Loaded query={catalogue}>
        {({ items }) => {
          const own = items.filter(({ builtIn }) => !builtIn);
          return (
            <>
              <Catalogue
                title={words.own}
                intro={words.ownIntro}
                permissions={own.filter(matches)}
                actionsFor={actionsFor}
                {...(own.length === 0 && {
                  empty: (
                    <Empty icon="shield" title={words.none} action={create}>
                      {words.noneText}
                    </Empty>
                  ),
                })}
              />
              <Catalogue
                title={words.builtIn}
                intro={words.builtInIntro}
                permissions={items.filter(({ builtIn }) => builtIn).filter(matches)}
              />
            </>
          );
        }}
      </Loaded>
      <Dialog isOpen={isNew} title={words.new.title} onClose={creation.close}>
        <RegisterPermission onClose={creation.close} />
      </Dialog>
      {dialogs}
    </Page>
  );
}

function useActions() {
  const navigate = useNavigate();
  const { organization } = useSession();
  const [mayUpdate, mayDelete, maySeeTokens] = [
    useMay('update:permission'),
    useMay('delete:permission'),
    useMay('read:organization_api_key'),
  ];
  const described = useChosen<Permission>();
  const removed = useChosen<Permission>();
  const actionsFor = (permission: Permission): (RowAction | false)[] => {
    const { name } = permission;
    const toTokens = () => void navigate({ to: '/tokens', search: { whose: 'all', permission: name } as never });
    return [
      mayUpdate &&
        organization.isOperator && {
          label: words.act.describe,
          icon: 'pen',
          onClick: () => described.open(permission),
        },
      maySeeTokens && { label: words.act.tokens, icon: 'token', onClick: toTokens },
      mayDelete &&
        organization.isOperator && {
          label: words.act.delete,
          icon: 'trash',
          isDangerous: true,
          onClick: () => removed.open(permission),
        },
    ];
  };
  const dialogs = (
    <>
      <Dialog isOpen={removed.isOpen} title={words.delete.title(removed.row?.name ?? '')} onClose={removed.close}>
        {removed.row !== null && (
          <RemoveForm
            what="permission"
            path={`/v1/permissions/${part(removed.row.name)}`}
            words={words.delete}
            onClose={removed.close}
          />
        )}
      </Dialog>
      <Dialog
        isOpen={described.isOpen}
        title={words.describe.title(described.row?.name ?? '')}
        onClose={described.close}
      >
        {described.row !== null && <DescribePermission permission={described.row} onClose={described.close} />}
      </Dialog>
    </>
  );
  return { actionsFor, dialogs };
}
