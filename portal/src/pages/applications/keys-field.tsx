// The public keys of an application that signs its sign-ins itself: an address where it publishes them, or the keys as pasted.

import type { Application, ApplicationChange } from '@keyward/sdk/wire';
import { Textarea } from '@mantine/core';
import type { Form } from '../../parts/form.tsx';
import { keysIn } from '../../parts/jwks.ts';
import { applicationsWords } from '../../words/applications.ts';
import type { ApplicationValues, Proof } from './values.ts';

const words = applicationsWords.new;

export function proofOf({ tokenEndpointAuthMethod: method }: Application): Proof {
  if (method === 'none') return 'public';
  return method === 'private_key_jwt' ? 'keys' : 'secret';
}

/** The keys of an application, as they stand in the field. */
export function textOfKeys({ jwks, jwksUri }: Application): string {
  return jwksUri ?? (jwks === null ? '' : JSON.stringify(jwks, null, 2));
}

export function faultInKeys({ proof, keys }: ApplicationValues): string | undefined {
  if (proof === 'public' || isAddress(keys)) return undefined;
  const read = keysIn(keys);
  if (read === undefined) return words.keysMalformed;
  return read === null && proof === 'keys' ? words.keysNeeded : undefined;
}

/** Nothing where no keys are given. */
export function keySourceIn({ proof, keys }: ApplicationValues): Pick<ApplicationChange, 'jwks' | 'jwksUri'> {
  if (proof === 'public' || keys.trim() === '') return {};
  return isAddress(keys) ? { jwksUri: keys.trim() } : { jwks: keysIn(keys) ?? null };
}

export function KeysField({ form, hint }: { form: Pick<Form<ApplicationValues>, 'text'>; hint: string }) {
  return (
    <Textarea
      label={words.keys}
      description={hint}
      placeholder="https://app.example.com/.well-known/jwks.json"
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      autoCapitalize="none"
      {...form.text('keys')}
    />
  );
}

function isAddress(keys: string): boolean {
  return keys.trim().startsWith('https://');
}
