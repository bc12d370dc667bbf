// The input for what a person signs in with: an e-mail address or a name. Phones neither begin it with a capital letter nor
// correct it.

import { TextInput, type TextInputProps } from '@mantine/core';

export function SignInNameInput(props: TextInputProps) {
  return <TextInput inputMode="email" autoCapitalize="none" spellCheck={false} {...props} />;
}
