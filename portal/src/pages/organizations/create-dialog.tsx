// Creating an organization, as a dialog that is loaded when it is opened.

import type { Plan } from '@keyward/sdk/wire';
import { Dialog } from '../../parts/dialog.tsx';
import { organizationWords } from '../../words/organizations.ts';
import { CreateForm } from './create.tsx';
import type { MadeOwner } from './owner.tsx';

interface CreateDialogProps {
  isOpen: boolean;
  plans: readonly Plan[];
  defaultPlan: string;
  onMade: (made: MadeOwner) => void;
  onClose: () => void;
}

export function CreateDialog({ isOpen, ...form }: CreateDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={organizationWords.form.title} size="lg" isLong onClose={form.onClose}>
      <CreateForm {...form} />
    </Dialog>
  );
}
