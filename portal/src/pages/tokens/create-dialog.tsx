// Creating an API token, as a dialog that is loaded when it is opened.

import type { CreatedToken } from '@keyward/sdk/wire';
import { Dialog } from '../../parts/dialog.tsx';
import { tokensWords } from '../../words/tokens.ts';
import { CreateToken } from './create.tsx';

interface CreateDialogProps {
  isOpen: boolean;
  onMade: (made: CreatedToken) => void;
  onClose: () => void;
}

export function CreateDialog({ isOpen, onMade, onClose }: CreateDialogProps) {
  return (
    <Dialog isOpen={isOpen} title={tokensWords.new.title} size="lg" isLong onClose={onClose}>
      <CreateToken onCancel={onClose} onMade={onMade} />
    </Dialog>
  );
}
