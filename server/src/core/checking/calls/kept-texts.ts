// Texts that clients send, as they are kept: cut, free of whatever has the form of a credential, and copied, since a piece
// of a request would keep the whole request in memory. The same text is kept once.

import { apiTokenPattern } from '@keyward/rules/api-token-form';

const longest = 200;
/** What is read of a text: looking for secrets in a long one takes a time that grows with its square. */
const read = 4 * longest;
/** Of a few hundred bytes each at most; then they are forgotten all at once, and kept anew where they are seen. */
const mostKept = 4096;

export type KeepText = (text: string) => string;

/** `secrets` are blotted out: those of our own forms, or also whatever is as long as a secret. */
export function textKeeper(secrets: RegExp): KeepText {
  const kept = new Map<string, string>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const made = copyOf(text.slice(0, read).replace(secrets, '…').slice(0, longest));
    if (made !== text) return made;
    if (kept.size >= mostKept) kept.clear();
    kept.set(made, made);
    return made;
  };
}

/** API tokens, JWTs and sealed tokens, whole or cut. */
const ownForms = `${apiTokenPattern.source}|\\bey[\\w-]+\\.[\\w-]+(?:\\.[\\w-]*)?|\\bAT1[\\w-]{16,}`;
export const ownSecrets = new RegExp(ownForms, 'g');
export const anySecrets = new RegExp(`${ownForms}|[\\w+/=-]{32,}`, 'g');

function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
