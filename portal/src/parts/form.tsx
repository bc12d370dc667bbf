// Forms: what is typed, what is wrong with it, and sending it. A form that could not be sent keeps all that was typed.
// The server judges; here only what is plainly missing is told at once.

import { Alert } from '@mantine/core';
import { type ChangeEvent, type FormEvent, useEffect, useRef, useState } from 'react';
import { type ApiProblem, problemOf } from '../problem.ts';
import { Icon } from './icon.tsx';

export type Faults<V> = Partial<Record<keyof V & string, string>>;

export interface FormOptions<V> {
  initial: V;
  /** Sends the form; what it throws is shown, at the field that the server names or above the button. */
  send: (values: V) => Promise<unknown>;
  /** What is wrong before it is sent. */
  check?: (values: V) => Faults<V>;
  /** The field that a path of the request's body belongs to, where their names differ. */
  fieldOf?: (path: string) => string;
  /** Other words for some problems, by their code. */
  say?: Readonly<Record<string, string>>;
}

export interface Form<V> {
  values: V;
  set: <K extends keyof V & string>(name: K, value: V[K]) => void;
  /** Props for a text input. */
  text: (name: keyof V & string) => TextProps;
  /** Props for a checkbox or switch. */
  tick: (name: keyof V & string) => {
    name: string;
    checked: boolean;
    onChange: (event: ChangeEvent<HTMLInputElement>) => void;
  };
  /** Props for a part that hands over its value itself (Select, PermissionPicker …). */
  value: <K extends keyof V & string>(
    name: K,
  ) => { value: V[K]; onChange: (value: V[K]) => void; error: string | undefined };
  /** What is wrong, other than with a field. */
  problem: ApiProblem | null;
  isBusy: boolean;
  /** Props for the form element. */
  form: { onSubmit: (event: FormEvent<HTMLFormElement>) => void; noValidate: true };
  reset: (values?: V) => void;
  message: string | null;
}

interface TextProps {
  name: string;
  value: string;
  onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
  error: string | undefined;
  /** Mantine's password field does not say it by itself. */
  'aria-invalid': true | undefined;
}

export function useForm<V extends object>({ initial, send, check, fieldOf, say = {} }: FormOptions<V>): Form<V> {
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState<Faults<V>>({});
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const sending = useRef(false);
  /** The form that could not be sent, until the focus is back in it. */
  const failed = useRef<HTMLFormElement | null>(null);
  useEffect(() => {
    if (failed.current === null) return;
    focusFault(failed.current);
    failed.current = null;
  });

  const set = <K extends keyof V & string>(name: K, value: V[K]) => {
    setValues((before) => ({ ...before, [name]: value }));
    setFaults((before) => ({ ...before, [name]: undefined }));
  };
  const fail = (form: HTMLFormElement, found: Faults<V>, cause: ApiProblem | null) => {
    setFaults(found);
    setProblem(cause);
    failed.current = form;
  };
  const submit = async (form: HTMLFormElement) => {
    // A second click while the first is under way would do it twice.
    if (sending.current) return;
    const wrong = check?.(values) ?? {};
    if (Object.values(wrong).some((fault) => fault !== undefined)) return fail(form, wrong, null);
    sending.current = true;
    setBusy(true);
    setProblem(null);
    setFaults({});
    try {
      await send(values);
    } catch (error) {
      const found = problemOf(error);
      if (found.code !== 'dismissed') {
        const [fields, rest] = sorted(found, values, fieldOf);
        fail(form, fields, rest ? found : null);
      } else failed.current = form;
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  return {
    values,
    set,
    text: (name) => ({
      name,
      value: String(values[name] ?? ''),
      onChange: (event) => set(name, event.currentTarget.value as V[typeof name]),
      error: faults[name],
      'aria-invalid': faults[name] === undefined ? undefined : true,
    }),
    tick: (name) => ({
      name,
      checked: values[name] === true,
      onChange: (event) => set(name, event.currentTarget.checked as V[typeof name]),
    }),
    value: (name) => ({ value: values[name], onChange: (value) => set(name, value), error: faults[name] }),
    problem,
    message: problem === null ? null : (say[problem.code] ?? problem.message),
    isBusy,
    form: {
      noValidate: true,
      onSubmit: (event) => {
        event.preventDefault();
        event.stopPropagation();
        void submit(event.currentTarget);
      },
    },
    reset: (next = initial) => {
      setValues(next);
      setFaults({});
      setProblem(null);
    },
  };
}

/** The problem of a form, above its button; nothing while there is none. */
export function FormProblem({ form }: { form: Pick<Form<never>, 'message'> }) {
  return <ProblemNote message={form.message} />;
}

export function ProblemNote({ message }: { message: string | null }) {
  if (message === null) return null;
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} p="sm" tabIndex={-1}>
      {message}
    </Alert>
  );
}

/**
 * Puts the focus where the problem is said: its field, else the note above the button, else the button. The button was
 * off while the form was sent, which leaves the focus nowhere, and Tab would go on behind the dialog.
 */
function focusFault(form: HTMLFormElement): void {
  const places = ['[aria-invalid="true"]', '[role="alert"]', '[type="submit"]'];
  for (const place of places) {
    const found = form.querySelector<HTMLElement>(place);
    if (found === null) continue;
    found.focus();
    return;
  }
}

/** The faults that belong to fields of this form, and whether anything is left to be said. */
function sorted<V extends object>(
  problem: ApiProblem,
  values: V,
  fieldOf: (path: string) => string = (path) => path.split('/', 1)[0] ?? path,
): [Faults<V>, boolean] {
  const entries = Object.entries(problem.fields()).map(([path, message]) => [fieldOf(path), message] as const);
  const known = entries.filter(([name]) => Object.hasOwn(values, name));
  return [Object.fromEntries(known) as Faults<V>, known.length === 0 || known.length < entries.length];
}
