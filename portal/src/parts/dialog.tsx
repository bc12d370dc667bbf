// Dialogs: a frame with a form in it, and the question before what cannot be taken back.

import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useCustomer } from '../session.ts';
import { actingWords } from '../words/acting.ts';
import { partWords } from '../words/parts.ts';
import acting from './acting.module.css';
import { type Form, FormProblem, useForm } from './form.tsx';

export interface DialogProps {
  isOpen: boolean;
  title: string;
  onClose: () => void;
  size?: 'sm' | 'md' | 'lg' | 'xl';
  /** A long form, which a click beside it must not lose. */
  isLong?: boolean;
  /** What is in it is shown only this once: it closes by its own button alone. */
  isShownOnce?: boolean;
  children: ReactNode;
}

/** A dialog; on a phone it fills the screen. Contents are made anew each time it opens. */
export function Dialog({
  isOpen,
  title,
  onClose,
  size = 'md',
  isLong = false,
  isShownOnce = false,
  children,
}: DialogProps) {
  const customer = useCustomer();
  // What is open from its first moment on would not know where the focus was, and could not give it back.
  const [isReady, setReady] = useState(false);
  useEffect(() => setReady(true), []);
  return (
    <Modal
      opened={isOpen && isReady}
      onClose={onClose}
      title={title}
      size={size}
      closeOnClickOutside={!isLong && !isShownOnce}
      closeOnEscape={!isShownOnce}
      withCloseButton={!isShownOnce}
      closeButtonProps={{ 'aria-label': partWords.close }}
      styles={{ title: { fontWeight: 650, fontSize: '1.0625rem' }, header: { paddingBottom: 8 } }}
    >
      {/* It covers the band. */}
      {customer !== undefined && <p className={acting.dialog}>{actingWords.dialog(customer.name)}</p>}
      {children}
    </Modal>
  );
}

export interface DialogFormProps<V> {
  form: Form<V>;
  /** The words of the button. */
  go: string;
  isDangerous?: boolean;
  onCancel: () => void;
  children?: ReactNode;
}

/** A form in a dialog, with its two buttons. */
export function DialogForm<V>({ form, go, isDangerous = false, onCancel, children }: DialogFormProps<V>) {
  return (
    <form {...form.form}>
      <Stack gap="md">
        {children}
        <FormProblem form={form} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            {partWords.cancel}
          </Button>
          <Button type="submit" loading={form.isBusy} {...(isDangerous && { color: 'red' })}>
            {go}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export interface ConfirmProps {
  isOpen: boolean;
  title: string;
  /** What will happen, in plain words. */
  children: ReactNode;
  go: string;
  isDangerous?: boolean;
  /** Does it; the dialog stays open and says why where it throws, and closes otherwise. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is done. */
export function Confirm({ isOpen, title, onClose, ...rest }: ConfirmProps) {
  return (
    <Dialog isOpen={isOpen} title={title} onClose={onClose}>
      <ConfirmForm {...rest} onClose={onClose} />
    </Dialog>
  );
}

function ConfirmForm({ children, go, isDangerous, onConfirm, onClose }: Omit<ConfirmProps, 'isOpen' | 'title'>) {
  const form = useForm({
    initial: {},
    send: async () => {
      await onConfirm();
      onClose();
    },
  });
  return (
    <DialogForm form={form} go={go} onCancel={onClose} {...(isDangerous && { isDangerous })}>
      <Text component="div">{children}</Text>
    </DialogForm>
  );
}
