// The APIs that this server guards, each with its catalogue of permissions and who has them: the operators' page.

import type { Api, ApiList, Permission } from '@keyward/sdk/wire';
import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api.ts';
import { keepingApis } from '../navigation.ts';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { useMay, useSession } from '../session.ts';
import { apisWords } from '../words/apis.ts';
import { catalogueQuery } from './access/catalogue.ts';
import { useChosen } from './access/chosen.ts';
import { RowMenu } from './access/row-menu.tsx';
import { ApiCatalogue } from './apis/catalogue.tsx';
import { ApiDialog, type Opened } from './apis/dialog.tsx';

const words = apisWords;

export function ApisPage() {
  const { organization } = useSession();
  const [mayCreate, mayUpdate, mayDelete] = [
    useMay('create:permission'),
    useMay('update:permission'),
    useMay('delete:permission'),
  ];
  const isAllowed = useMay(...keepingApis) && organization.isOperator;
  const maySee = useMay('read:permission') && isAllowed;
  const apis = useQuery({
    queryKey: ['/v1/apis'],
    queryFn: ({ signal }) => api.get<ApiList>('/v1/apis', {}, signal),
    enabled: maySee,
  });
  const catalogue = useQuery(catalogueQuery(maySee));
  const [search, setSearch] = useState('');
  const opened = useChosen<Opened>();
  if (!maySee) {
    return (
      <Page title={words.title}>
        <Empty icon="shield" title={words.title}>
          {words.operatorsOnly}
        </Empty>
      </Page>
    );
  }
  const wanted = search.trim().toLowerCase();
  const matches = ({ name, description, group }: Permission) =>
    `${name} ${description} ${group}`.toLowerCase().includes(wanted);
  const open = (act: 'change' | 'delete' | 'register', shown: Api) => () => opened.open({ act, shown });
  const openOne = (act: 'describe' | 'holders' | 'remove', permission: Permission) => () =>
    opened.open({ act, permission });
  return (
    <Page
      title={words.title}
      intro={words.intro}
      actions={
        mayCreate && (
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => opened.open({ act: 'create' })}>
            {words.create}
          </Button>
        )
      }
    >
      <SearchField label={words.search} value={search} maw={360} mb="md" onChange={setSearch} />
      <Loaded query={apis}>
        {({ items }) => (
          <Stack gap="lg">
            {items.map((shown) => (
              <Loaded key={shown.handle} query={catalogue}>
                {({ items: permissions }) => (
                  <ApiCatalogue
                    shown={shown}
                    permissions={permissions.filter((one) => one.api === shown.handle && matches(one))}
                    isNarrowed={wanted !== ''}
                    actions={
                      <>
                        {mayCreate && (
                          <Button
                            variant="default"
                            size="sm"
                            aria-label={words.act.registerIn(shown.name)}
                            onClick={open('register', shown)}
                          >
                            {words.act.register}
                          </Button>
                        )}
                        <RowMenu
                          name={shown.name}
                          as="button"
                          actions={[
                            mayUpdate && { label: words.act.change, icon: 'pen', onClick: open('change', shown) },
                            mayDelete &&
                              shown.handle !== 'default' && {
                                label: words.act.delete,
                                icon: 'trash',
                                isDangerous: true,
                                onClick: open('delete', shown),
                              },
                          ]}
                        />
                      </>
                    }
                    actionsFor={(permission) => [
                      mayUpdate && { label: words.act.describe, icon: 'pen', onClick: openOne('describe', permission) },
                      mayDelete && {
                        label: words.act.holders,
                        icon: 'people',
                        onClick: openOne('holders', permission),
                      },
                      mayDelete && {
                        label: words.act.delete,
                        icon: 'trash',
                        isDangerous: true,
                        onClick: openOne('remove', permission),
                      },
                    ]}
                  />
                )}
              </Loaded>
            ))}
          </Stack>
        )}
      </Loaded>
      <ApiDialog opened={opened} />
    </Page>
  );
}
