// API users: accounts of machines.

import type { ApiUser, CreatedApiUser, RotatedApiUser } from '@keyward/sdk/wire';
import { Button, NativeSelect } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useParameters } from '../address.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ExternalIdFilter } from '../parts/external-id.tsx';
import { Icon } from '../parts/icon.tsx';
import { useList } from '../parts/list.ts';
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { DataTable, Toolbar } from '../parts/table.tsx';
import { useMay } from '../session.ts';
import { apiUsersWords } from '../words/api-users.ts';
import { federatedWords } from '../words/federated-credentials.ts';
import { rotationWords } from '../words/rotation.ts';
import { useChosen } from './access/chosen.ts';
import { useActions } from './api-users/actions.tsx';
import { columnsFor } from './api-users/columns.tsx';
import { DeactivateApiUser } from './api-users/deactivate.tsx';
import { CreateApiUser, EditApiUser } from './api-users/edit.tsx';
import { FederatedCredentials } from './api-users/federated/dialog.tsx';
import { MadeApiUser } from './api-users/made.tsx';
import { ApiUserOverlap } from './api-users/overlap.tsx';
import { Rotate } from './rotation/rotate.tsx';

const words = apiUsersWords;
const { rotate, overlap } = rotationWords.apiUser;
const madeTexts = {
  new: { title: words.new.made },
  successor: { title: words.successor.made },
  rotated: { title: rotate.made, note: rotate.note },
};

export function ApiUsersPage() {
  const list = useList<ApiUser>('/v1/api-users', {
    filters: ['deleted', 'externalId'],
    sort: { by: 'createdAt', order: 'desc' },
  });
  const mayCreate = useMay('create:api_user');
  const [isNew, creation] = useDisclosure(useParameters()[0].new !== undefined && mayCreate);
  const [made, setMade] = useState<CreatedApiUser | null>(null);
  const [madeAs, setMadeAs] = useState<keyof typeof madeTexts>('new');
  const edited = useChosen<ApiUser>();
  const ended = useChosen<ApiUser>();
  const rotated = useChosen<ApiUser>();
  const overlapping = useChosen<ApiUser>();
  const federated = useChosen<ApiUser>();
  const show = (as: keyof typeof madeTexts, shown: CreatedApiUser) => {
    setMadeAs(as);
    setMade(shown);
  };
  const { question, actionsFor } = useActions({
    onEdit: edited.open,
    onDeactivate: ended.open,
    onRotate: rotated.open,
    onOverlap: overlapping.open,
    onFederated: federated.open,
    onMade: (successor) => show('successor', successor),
  });
  const create = mayCreate && (
    <Button leftSection={<Icon name="plus" size={16} />} onClick={creation.open}>
      {words.create}
    </Button>
  );
  return (
    <Page title={words.title} intro={words.intro} section="access" actions={create}>
      <Toolbar
        list={list}
        searchLabel={words.search}
        filters={
          <>
            <NativeSelect
              aria-label={words.filter.label}
              value={list.filter('deleted') ?? ''}
              data={[
                { value: '', label: words.filter.present },
                { value: 'only', label: words.filter.deleted },
              ]}
              onChange={({ currentTarget }) => list.setFilter('deleted', currentTarget.value || null)}
            />
            <ExternalIdFilter list={list} />
          </>
        }
      />
      <DataTable
        label={words.title}
        list={list}
        keyOf={({ id }) => id}
        columns={columnsFor(actionsFor)}
        empty={
          <Empty icon="robot" title={words.none} action={create}>
            {words.noneText}
          </Empty>
        }
      />
      <Dialog isOpen={isNew} title={words.new.title} onClose={creation.close}>
        <CreateApiUser
          onCancel={creation.close}
          onMade={(created) => {
            creation.close();
            show('new', created);
          }}
        />
      </Dialog>
      <MadeApiUser made={made} {...madeTexts[madeAs]} onClose={() => setMade(null)} />
      <Dialog isOpen={rotated.isOpen} title={rotate.title} onClose={rotated.close}>
        {rotated.row !== null && (
          <Rotate<RotatedApiUser>
            noun="apiUser"
            of={rotated.row}
            onCancel={rotated.close}
            onMade={(renewed) => {
              rotated.close();
              show('rotated', renewed);
            }}
          />
        )}
      </Dialog>
      <Dialog isOpen={overlapping.isOpen} title={overlap.title} onClose={overlapping.close}>
        {overlapping.row !== null && overlapping.row.rotation !== null && (
          <ApiUserOverlap id={overlapping.row.id} rotation={overlapping.row.rotation} onClose={overlapping.close} />
        )}
      </Dialog>
      <Dialog
        isOpen={federated.isOpen}
        title={federatedWords.title(federated.row?.name ?? '')}
        onClose={federated.close}
        size="lg"
        isLong
      >
        {federated.row !== null && <FederatedCredentials id={federated.row.id} />}
      </Dialog>
      <Dialog isOpen={edited.isOpen} title={words.edit.title} onClose={edited.close}>
        {edited.row !== null && <EditApiUser apiUser={edited.row} onClose={edited.close} />}
      </Dialog>
      <Dialog isOpen={ended.isOpen} title={words.deactivate.title(ended.row?.name ?? '')} onClose={ended.close}>
        {ended.row !== null && <DeactivateApiUser apiUser={ended.row} onClose={ended.close} />}
      </Dialog>
      {question}
    </Page>
  );
}
