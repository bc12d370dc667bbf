// Changing what one organization may hold at most: what its plan says, or a list of its own.

import type { Organization, Plan } from '@keyward/sdk/wire';
import { api, part } from '../../api.ts';
import { DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { queries, sessionQuery } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { entitlementWords } from '../../words/entitlements.ts';
import { renewing } from '../access/renewing.ts';
import { entitlementIn, entitlementOf, entitlementOfPlan, entitlementValuesOf } from './entitlement.ts';
import { EntitlementField } from './field.tsx';
import { Narrowing } from './narrowing.tsx';

interface ChangeEntitlementProps {
  organization: Organization;
  plans: readonly Plan[];
  onClose: () => void;
}

export function ChangeEntitlement({ organization, plans, onClose }: ChangeEntitlementProps) {
  const { id, name, planId, entitlement } = organization;
  const form = useForm({
    initial: { entitlement: entitlementValuesOf(entitlement) },
    send: async (values) => {
      const wanted = { entitlement: entitlementIn(values.entitlement) };
      const path = `/v1/organizations/${part(id)}`;
      await renewing('organization', ['/v1/organizations', '/v1/permissions', '/v1/journal'], () =>
        api.patch<Organization>(path, wanted),
      );
      await queries.refetchQueries({ queryKey: sessionQuery.queryKey });
      showDone(entitlementWords.change.done(name));
      onClose();
    },
  });
  const byPlan = entitlementOfPlan(planId, plans);
  const wanted = { planId, entitlement: entitlementIn(form.values.entitlement) };
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <EntitlementField of="organization" byPlan={byPlan} isLabelHidden {...form.value('entitlement')} />
      <Narrowing
        before={entitlementOf(organization, plans)}
        after={entitlementOf(wanted, plans)}
        of={{ organization: id }}
      />
    </DialogForm>
  );
}
