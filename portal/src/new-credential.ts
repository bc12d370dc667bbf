// The credential that was just made, handed from the dialog that made it to "Get started". It is in the memory of this
// window only, never in storage or in an address, and gone with the page that took it.

import { useState } from 'react';

/** `id` is the record's; `secret` is the token itself, or the API user's password. */
export type NewCredential =
  | { kind: 'api_token'; id: string; name: string; secret: string; isExchangeOnly?: boolean }
  | { kind: 'api_user'; id: string; name: string; secret: string; username: string };

let waiting: NewCredential | null = null;

/** Hands a credential over, in place of one that nobody took; null takes it back. */
export function setNewCredential(credential: NewCredential | null): void {
  waiting = credential;
}

/** The credential that was handed over, for as long as the component that took it is shown; null if there is none. */
export function useNewCredential(): NewCredential | null {
  const [taken] = useState(takeNewCredential);
  return taken;
}

function takeNewCredential(): NewCredential | null {
  const taken = waiting;
  waiting = null;
  return taken;
}
