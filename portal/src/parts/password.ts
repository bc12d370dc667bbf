// What is plainly wrong with a new password, before it is sent. Whether it is too common only the server knows.

import { signInWords } from '../words/sign-in.ts';

/** Characters. */
const shortest = 15;

export function passwordFaults(password: string, repeat: string): { password?: string; repeat?: string } {
  const words = signInWords.newPassword;
  if ([...password].length < shortest) return { password: words.tooShort };
  return password === repeat ? {} : { repeat: words.differ };
}
