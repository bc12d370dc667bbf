// The snippets that people copy. That they run is for the browser's tests; here, that nothing of the credential is lost.

import { expect, test } from 'vitest';
import { snippetsFor } from './snippets.ts';

const url = 'https://auth.example.com';

test.each([
  ['an API token', { kind: 'api_token', secret: 'kw_a_b' }, ['kw_a_b', `${url}/v1/self`]],
  ['one for exchanges', { kind: 'api_token', secret: 'kw_a_b', isExchangeOnly: true }, ['kw_a_b', '/v1/access-tokens']],
  ['an API user', { kind: 'api_user', username: 'u@api', secret: 'p' }, ['"u@api"', '"p"', '/v1/access-tokens']],
] as const)('for %s each names the server, the credential and the call', (_what, credential, wanted) => {
  const snippets = snippetsFor(url, credential);
  expect(snippets.map(({ id }) => id)).toEqual(['curl', 'node', 'python', 'postman']);
  for (const { text } of snippets) for (const part of wanted) expect(text).toContain(part);
});
