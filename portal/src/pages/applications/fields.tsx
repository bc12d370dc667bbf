// What is said of an application where it is registered and where it is changed, in the words of who decides it. Whether an
// address or a permission will do, the server says.

import type { Application, ApplicationChange } from '@keyward/sdk/wire';
import { Checkbox, Stack, Textarea, TextInput } from '@mantine/core';
import type { Faults, Form } from '../../parts/form.tsx';
import { PermissionPicker } from '../../parts/permission-picker.tsx';
import { ApiProblem, problemOf } from '../../problem.ts';
import { applicationsWords } from '../../words/applications.ts';
import { useOffered, useWhyNot } from '../access/grantable.ts';
import { faultInKeys, keySourceIn } from './keys-field.tsx';
import type { ApplicationValues } from './values.ts';

const words = applicationsWords.new;

/** What the values say, as it is sent. */
export type Wanted = Pick<Application, 'name' | 'grants' | 'redirectUris' | 'permissions' | 'logoUrl'> &
  Pick<ApplicationChange, 'jwks' | 'jwksUri'>;

export function faultsIn(values: ApplicationValues): Faults<ApplicationValues> {
  const { name, grants, redirectUris, permissions } = values;
  const signsIn = grants.includes('authorization_code');
  const keys = faultInKeys(values);
  return {
    ...(name.trim() === '' && { name: words.nameNeeded }),
    ...(!grants.some((one) => one !== 'refresh_token') && { grants: words.grantNeeded }),
    ...(signsIn && linesOf(redirectUris).length === 0 && { redirectUris: words.redirectUrisNeeded }),
    ...(permissions.length === 0 && { permissions: words.permissionsNeeded }),
    ...(keys !== undefined && { keys }),
  };
}

/** The field of the form that a path of the request's body belongs to. */
export function fieldOf(path: string): string {
  const [first = ''] = path.split('/', 1);
  return first.startsWith('jwks') ? 'keys' : first;
}

export function wantedIn(values: ApplicationValues): Wanted {
  const { name, grants, redirectUris, permissions, logoUrl } = values;
  return {
    ...keySourceIn(values),
    name: name.trim(),
    grants: grants as Wanted['grants'],
    redirectUris: linesOf(redirectUris),
    permissions,
    logoUrl: logoUrl.trim() === '' ? null : logoUrl.trim(),
  };
}

/** Sends it; a problem with one of the redirect URIs says with which. */
export async function naming<T>(uris: readonly string[], send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const { code, status, message, problem } = problemOf(error);
    const errors = problem.errors?.map(({ at, message: fault }) => {
      const uri = uris[Number(/^\/body\/redirectUris\/(\d+)$/.exec(at)?.[1])];
      return { at, message: uri === undefined ? fault : `${uri}: ${fault}` };
    });
    throw errors === undefined ? error : new ApiProblem(code, status, message, { ...problem, errors });
  }
}

/** `kept`: what it may ask for already. */
export function ApplicationFields({ form, kept = [] }: { form: Form<ApplicationValues>; kept?: readonly string[] }) {
  const options = useOffered();
  const whyNot = useWhyNot({ kept });
  const grants = form.value('grants');
  return (
    <>
      <Checkbox.Group label={words.grants} {...grants}>
        <Stack gap="xs" mt="xs">
          {Object.entries(words.grantTexts).map(([grant, [label, text]]) => (
            <Checkbox
              key={grant}
              value={grant}
              label={label}
              description={text}
              {...(grants.error !== undefined && { 'aria-invalid': true })}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      <Textarea
        label={words.redirectUris}
        description={words.redirectUrisHint}
        placeholder="https://app.example.com/callback"
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        autoCapitalize="none"
        {...form.text('redirectUris')}
      />
      <PermissionPicker
        label={words.permissions}
        description={words.permissionsHint}
        options={options}
        whyNot={whyNot}
        {...form.value('permissions')}
      />
      <TextInput
        label={words.logoUrl}
        description={words.logoUrlHint}
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        {...form.text('logoUrl')}
      />
    </>
  );
}

export function NameField({ form }: { form: Form<ApplicationValues> }) {
  return (
    <TextInput
      label={words.name}
      description={words.nameHint}
      placeholder={words.namePlaceholder}
      data-autofocus
      autoComplete="off"
      {...form.text('name')}
    />
  );
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
