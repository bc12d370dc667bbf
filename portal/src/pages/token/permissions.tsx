// What a token may do, in words, and changing it.

import type { Token } from '@keyward/sdk/wire';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { PermissionPicker } from '../../parts/permission-picker.tsx';
import { Panel } from '../../parts/states.tsx';
import { accessWords } from '../../words/access.ts';
import { tokenWords } from '../../words/token.ts';
import { tokensWords } from '../../words/tokens.ts';
import { useOffered, useWhyNot } from '../access/grantable.ts';
import { PermissionTexts } from '../access/permission-texts.tsx';
import { useTokenChange } from './change.ts';

const words = tokenWords.permissions;

export function PermissionsPanel({ token, mayChange }: { token: Token; mayChange: boolean }) {
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <Panel
      title={words.title}
      intro={words.intro}
      actions={
        mayChange && (
          <Button variant="default" size="sm" aria-label={words.change} onClick={dialog.open}>
            {tokenWords.act.change}
          </Button>
        )
      }
    >
      <PermissionTexts names={token.permissions} />
      <Dialog isOpen={isOpen} title={words.change} size="lg" isLong onClose={dialog.close}>
        <ChangePermissions token={token} onClose={dialog.close} />
      </Dialog>
    </Panel>
  );
}

function ChangePermissions({ token, onClose }: { token: Token; onClose: () => void }) {
  const options = useOffered();
  const whyNot = useWhyNot({ kept: token.permissions });
  const changeToken = useTokenChange(token);
  const form = useForm({
    initial: { permissions: token.permissions },
    check: ({ permissions }) => (permissions.length === 0 ? { permissions: tokensWords.new.permissionsNeeded } : {}),
    send: async ({ permissions }) => {
      await changeToken({ permissions });
      showDone(tokenWords.rename.done);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={accessWords.save} onCancel={onClose}>
      <PermissionPicker
        label={words.label}
        description={words.changeHint}
        options={options}
        whyNot={whyNot}
        {...form.value('permissions')}
      />
    </DialogForm>
  );
}
