// What an operator changes of an organization that is there, as one dialog that is loaded when it is first opened.

import type { Organization, Plan } from '@keyward/sdk/wire';
import { Dialog } from '../../parts/dialog.tsx';
import { entitlementWords } from '../../words/entitlements.ts';
import { organizationWords as words } from '../../words/organizations.ts';
import { planWords } from '../../words/plans.ts';
import { ChangeEntitlement } from '../entitlements/change.tsx';
import { GivePlan } from '../plans/give.tsx';
import type { Act } from './actions.tsx';
import { DeleteForm, ExternalIdForm, RenameForm } from './change-dialogs.tsx';
import { type MadeOwner, OwnerForm } from './owner.tsx';

export interface Chosen {
  act: Exclude<Act, 'activate' | 'deactivate'>;
  organization: Organization;
}

interface ChangeDialogProps {
  /** Null while it is closed. */
  chosen: Chosen | null;
  plans: readonly Plan[];
  onMade: (made: MadeOwner) => void;
  onClose: () => void;
}

export function ChangeDialog({ chosen, plans, onMade, onClose }: ChangeDialogProps) {
  return (
    <Dialog isOpen={chosen !== null} title={chosen === null ? '' : titleOf(chosen)} onClose={onClose}>
      {chosen !== null && <Form {...chosen} {...{ plans, onMade, onClose }} />}
    </Dialog>
  );
}

function Form({ act, organization, plans, onMade, onClose }: Omit<ChangeDialogProps, 'chosen'> & Chosen) {
  const own = { organization, onClose };
  if (act === 'plan') return <GivePlan plans={plans} planId={null} {...own} />;
  if (act === 'entitlement') return <ChangeEntitlement plans={plans} {...own} />;
  if (act === 'rename') return <RenameForm {...own} />;
  if (act === 'externalId') return <ExternalIdForm {...own} />;
  return act === 'owner' ? <OwnerForm onMade={onMade} {...own} /> : <DeleteForm {...own} />;
}

function titleOf({ act, organization: { name } }: Chosen): string {
  if (act === 'rename') return words.rename.title(name);
  if (act === 'externalId') return words.externalId.title(name);
  if (act === 'owner') return words.owner.title(name);
  if (act === 'entitlement') return entitlementWords.change.title(name);
  return act === 'plan' ? planWords.give.titleFor(name) : words.delete.title(name);
}
