// The second factor: on or off, and the way off. The way on is in second-factor-steps.tsx.

import { Badge, Button, PasswordInput, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Dialog, DialogForm } from '../../parts/dialog.tsx';
import { useForm } from '../../parts/form.tsx';
import { showDone } from '../../parts/notice.ts';
import { Panel } from '../../parts/states.tsx';
import { queries, sessionQuery, useSession } from '../../session.ts';
import { accountWords } from '../../words/account.ts';
import { signInWords } from '../../words/sign-in.ts';
import { SecondFactorSteps } from './second-factor-steps.tsx';

const words = accountWords.secondFactor;

export function SecondFactorPanel() {
  const { secondFactor: isOn } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [isTurningOff, setTurningOff] = useState(false);
  const [showsCodes, setShowsCodes] = useState(false);
  const close = () => {
    setOpen(false);
    setShowsCodes(false);
    void queries.refetchQueries({ queryKey: sessionQuery.queryKey });
  };
  const open = () => {
    setTurningOff(isOn);
    setOpen(true);
  };
  return (
    <Panel
      title={
        <>
          {words.title}{' '}
          <Badge variant="default" ml={6}>
            {isOn ? words.on : words.off}
          </Badge>
        </>
      }
      intro={isOn ? words.isOn : words.intro}
      actions={
        <Button variant="default" onClick={open}>
          {isOn ? words.turnOff : words.turnOn}
        </Button>
      }
    >
      <Dialog
        isOpen={isOpen}
        title={isTurningOff ? words.turnOff : words.steps}
        isShownOnce={showsCodes}
        onClose={close}
      >
        {isTurningOff ? (
          <TurnOff onClose={close} />
        ) : (
          <SecondFactorSteps onCodes={() => setShowsCodes(true)} onClose={close} />
        )}
      </Dialog>
    </Panel>
  );
}

function TurnOff({ onClose }: { onClose: () => void }) {
  const form = useForm({
    initial: { password: '' },
    say: { too_many_requests: signInWords.tooMany },
    send: async ({ password }) => {
      await api.delete('/v1/self/second-factor', { password });
      showDone(words.turnedOff);
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={words.turnOff} isDangerous onCancel={onClose}>
      <Text>{words.turnOffText}</Text>
      <PasswordInput label={words.password} autoComplete="current-password" data-autofocus {...form.text('password')} />
    </DialogForm>
  );
}
