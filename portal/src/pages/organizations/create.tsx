// A new organization with its first owner. If the owner cannot be made, the organization stands, and sending the form again
// makes the owner alone.

import type { NewOrganization, Organization, Plan } from '@keyward/sdk/wire';
import { Divider, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { api } from '../../api.ts';
import { invalidate } from '../../invalidate.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { ExternalIdField, externalIdIn } from '../../parts/external-id.tsx';
import { useForm } from '../../parts/form.tsx';
import { SignInNameInput } from '../../parts/sign-in-name-input.tsx';
import { organizationWords } from '../../words/organizations.ts';
import { partWords } from '../../words/parts.ts';
import { type EntitlementValues, entitlementIn, entitlementOfPlan } from '../entitlements/entitlement.ts';
import { EntitlementField } from '../entitlements/field.tsx';
import { noLimit, planChoices } from '../plans/give.tsx';
import { addOwner, type MadeOwner } from './owner.tsx';

const words = organizationWords.form;

interface CreateFormProps {
  plans: readonly Plan[];
  /** The id of the plan that is chosen to begin with. */
  defaultPlan: string;
  onMade: (made: MadeOwner) => void;
  onClose: () => void;
}

export function CreateForm({ plans, defaultPlan, onMade, onClose }: CreateFormProps) {
  const [half, setHalf] = useState<Organization | null>(null);
  const created = useRef<Organization | null>(null);
  const form = useForm<{
    name: string;
    externalId: string;
    planId: string;
    contributors: number | string;
    entitlement: EntitlementValues;
    ownerName: string;
    email: string;
  }>({
    initial: {
      name: '',
      externalId: '',
      planId: defaultPlan,
      contributors: 1,
      entitlement: { kind: 'plan', chosen: [] },
      ownerName: '',
      email: '',
    },
    check: ({ name, ownerName, email }) => ({
      name: name.trim() === '' ? partWords.required : undefined,
      ownerName: ownerName.trim() === '' ? partWords.required : undefined,
      email: email.trim() === '' ? partWords.required : undefined,
    }),
    // Once the organization stands, what is still wrong is its owner's.
    fieldOf: (path) => (path === 'name' && created.current !== null ? 'ownerName' : path),
    send: async ({ name, externalId, planId, contributors, entitlement, ownerName, email }) => {
      const wanted: NewOrganization = {
        name: name.trim(),
        planId: planId === noLimit ? null : planId,
        contributors: Number(contributors),
        entitlement: entitlementIn(entitlement),
        externalId: externalIdIn(externalId),
      };
      const organization = created.current ?? (await api.post<Organization>('/v1/organizations', wanted));
      created.current = organization;
      setHalf(organization);
      await invalidate('/v1/organizations', '/v1/journal');
      onMade(await addOwner(organization, { name: ownerName.trim(), email: email.trim() }));
      onClose();
    },
  });
  const isHalf = half !== null;
  return (
    <DialogForm form={form} go={words.go} onCancel={onClose}>
      <TextInput
        label={words.name}
        description={words.nameText}
        spellCheck={false}
        autoCapitalize="none"
        maxLength={64}
        data-autofocus
        disabled={isHalf}
        {...form.text('name')}
      />
      <ExternalIdField disabled={isHalf} {...form.text('externalId')} />
      {plans.length > 0 && (
        <Select
          label={words.plan}
          data={planChoices(plans)}
          allowDeselect={false}
          disabled={isHalf}
          {...form.value('planId')}
          onChange={(planId) => planId !== null && form.set('planId', planId)}
        />
      )}
      <NumberInput
        label={words.contributors}
        min={1}
        max={1_000_000}
        clampBehavior="none"
        allowDecimal={false}
        thousandSeparator=","
        disabled={isHalf}
        {...form.value('contributors')}
      />
      <EntitlementField
        of="organization"
        byPlan={entitlementOfPlan(form.values.planId, plans)}
        isDisabled={isHalf}
        {...form.value('entitlement')}
      />
      <Divider label={words.owner} labelPosition="left" c="dimmed" />
      <Text fz="sm" c="dimmed">
        {words.ownerText}
      </Text>
      <TextInput label={words.ownerName} autoComplete="off" maxLength={200} {...form.text('ownerName')} />
      <SignInNameInput label={words.email} autoComplete="off" {...form.text('email')} />
      {half !== null && <Text fz="sm">{words.half(half.name)}</Text>}
    </DialogForm>
  );
}
