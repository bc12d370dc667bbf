// Changing a token: what it is now is looked at first, so that nobody writes over what somebody else has just changed.

import type { Token, TokenChange } from '@keyward/sdk/wire';
import { useState } from 'react';
import { api, part } from '../../api.ts';
import { queries } from '../../session.ts';
import { demandUnchanged, renewing } from '../access/renewing.ts';

/**
 * The way to change it from a form that began with `token`. Throws ApiProblem `conflict` if what is to be changed is not
 * what the form began with any more; the page then shows what it is, and the next try counts from there.
 */
export function useTokenChange(token: Token): (change: TokenChange) => Promise<void> {
  const [began, setBegan] = useState(token);
  const path = `/v1/tokens/${part(token.id)}`;
  return (change) =>
    renewing('token', ['/v1/tokens', '/v1/journal'], async () => {
      const now = await api.get<Token>(path);
      queries.setQueryData(['/v1/tokens', token.id], now);
      setBegan(now);
      const touched = Object.keys(change) as (keyof TokenChange)[];
      const of = (one: Token) => touched.map((field) => one[field === 'observe' ? 'observed' : field]);
      demandUnchanged('token', of(began), of(now));
      await api.patch<Token>(path, change);
    });
}
