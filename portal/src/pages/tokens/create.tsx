// Creating an API token: what it is called, what it may do, when it ends; the rest for who wants it. Whoever opens it is
// handed the secret, which is kept nowhere.

import type { CreatedToken, NewToken } from '@keyward/sdk/wire';
import { Button, Collapse, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { actingFor } from '../../acting.ts';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { ExternalIdField, externalIdIn } from '../../parts/external-id.tsx';
import { useForm } from '../../parts/form.tsx';
import { Icon } from '../../parts/icon.tsx';
import { PermissionPicker } from '../../parts/permission-picker.tsx';
import { useMay, useSession } from '../../session.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useOffered, useWhyNot } from '../access/grantable.ts';
import { type LimitValues, tokenLimitsIn, useLimits } from '../plans/limit-values.ts';
import { LimitsField } from '../plans/limits-field.tsx';
import { ApisField, type ApisValues, apisFault, apisIn } from './apis-field.tsx';
import { type Ends, endOf } from './ends.ts';
import { EndsField } from './ends-field.tsx';
import { OwnerField } from './owner-field.tsx';
import type { FoundOwner } from './owners.ts';
import { AddressesField, addressesIn, type Use, UseField } from './use-fields.tsx';

const words = tokensWords.new;

interface Values {
  name: string;
  description: string;
  permissions: string[];
  expiresAt: Ends;
  /** Null for oneself. */
  owner: FoundOwner | null;
  externalId: string;
  addresses: string;
  apis: ApisValues;
  limits: LimitValues[];
  use: Use;
  readable: boolean;
}

const initial: Values = {
  name: '',
  description: '',
  permissions: [],
  expiresAt: { choice: '90', day: '' },
  owner: null,
  externalId: '',
  addresses: '',
  apis: { isAll: true, chosen: [] },
  limits: [],
  use: 'both',
  readable: false,
};

export function CreateToken({ onMade, onCancel }: { onMade: (made: CreatedToken) => void; onCancel: () => void }) {
  const { user } = useSession();
  const options = useOffered();
  const mayGive = useMay('create:organization_api_key');
  const [isOpen, setOpen] = useState(false);
  const limits = useLimits();
  const form = useForm<Values>({
    initial,
    check: ({ name, permissions, expiresAt, owner: to, apis, limits: wanted }) => ({
      // Nobody is of an organization for whom they only work.
      owner: actingFor !== null && to === null ? tokensWords.owner.needed : undefined,
      apis: apisFault(apis),
      limits: limits.check(wanted),
      ...(name.trim() === '' && { name: words.nameNeeded }),
      ...(permissions.length === 0 && { permissions: words.permissionsNeeded }),
      ...(endOf(expiresAt) === undefined && { expiresAt: tokensWords.ends.dayNeeded }),
    }),
    send: async (values) => {
      const made = await limits.sending(() => api.post<CreatedToken>('/v1/tokens', asked(values)));
      await invalidate('/v1/tokens', '/v1/journal');
      onMade(made);
    },
  });
  const [addresses, externalId] = [form.text('addresses'), form.text('externalId')];
  const [owner, apis, wantedLimits] = [form.value('owner'), form.value('apis'), form.value('limits')];
  const whyNot = useWhyNot({ role: owner.value?.role });
  // A fault must be seen.
  const isMoreShown =
    isOpen || [addresses, externalId, owner, apis, wantedLimits].some(({ error }) => error !== undefined);
  const ownerField = mayGive && (
    <OwnerField
      label={tokensWords.owner.label}
      description={tokensWords.owner.hint}
      placeholder={actingFor === null ? tokensWords.owner.me : tokensWords.owner.choose}
      without={user.id}
      {...owner}
    />
  );
  return (
    <DialogForm form={form} go={words.go} onCancel={onCancel}>
      <TextInput
        label={words.name}
        description={words.nameHint}
        placeholder={words.namePlaceholder}
        data-autofocus
        autoComplete="off"
        {...form.text('name')}
      />
      {/* Whoever works for a customer is nobody there whose it could be. */}
      {actingFor !== null && ownerField}
      <PermissionPicker
        label={words.permissions}
        description={words.permissionsHint}
        options={options}
        whyNot={whyNot}
        {...form.value('permissions')}
      />
      <EndsField {...form.value('expiresAt')} />
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          aria-expanded={isMoreShown}
          leftSection={<Icon name={isMoreShown ? 'up' : 'down'} size={16} />}
          onClick={() => setOpen(!isMoreShown)}
        >
          {words.more}
        </Button>
        <Text fz="sm" c="dimmed" pl={30}>
          {words.moreHint}
        </Text>
        <Collapse expanded={isMoreShown} keepMountedMode="display-none">
          <Stack gap="md" pt="md">
            <Textarea
              label={words.description}
              description={words.descriptionHint}
              autosize
              minRows={2}
              maxRows={6}
              {...form.text('description')}
            />
            {actingFor === null && ownerField}
            <ExternalIdField {...externalId} />
            <AddressesField {...addresses} />
            <ApisField {...apis} />
            <LimitsField of="token" state={limits} {...wantedLimits} />
            <UseField value={form.values.use} onChange={(use) => form.set('use', use)} />
            {owner.value === null && actingFor === null && (
              <Switch label={words.readable} description={words.readableHint} {...form.tick('readable')} />
            )}
          </Stack>
        </Collapse>
      </div>
    </DialogForm>
  );
}

function asked(values: Values): NewToken {
  const { name, description, permissions, expiresAt, owner, externalId, addresses, apis, limits, use } = values;
  return {
    ...(owner !== null && { owner: { type: owner.type, id: owner.id } }),
    name: name.trim(),
    description,
    permissions,
    expiresAt: endOf(expiresAt) ?? null,
    externalId: externalIdIn(externalId),
    addresses: addressesIn(addresses),
    apis: apisIn(apis),
    limits: tokenLimitsIn(limits),
    use,
    // Its owner alone could look at it.
    readable: values.readable && owner === null,
  };
}
