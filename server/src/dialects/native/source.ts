// A credential as queries name it: `api_token:<id>`, `api_user:<id>` or `user:<id>`.

import type { AccessTokenSource } from '../../core/caller/source.ts';
import { invalid } from '../../core/errors.ts';

/** Throws `invalid_request` for any other text. */
export function sourceIn(parameter: string, text: string): AccessTokenSource {
  const colon = text.indexOf(':');
  const [type, id] = [text.slice(0, colon), text.slice(colon + 1)];
  if ((type === 'user' || type === 'api_user' || type === 'api_token') && id !== '') return { type, id };
  throw invalid(['query', parameter], 'Use api_token:, api_user: or user: and an id.');
}
