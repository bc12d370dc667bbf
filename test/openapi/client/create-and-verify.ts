// What a user of the generated types writes: creates an API token, calls with it, has it verified, deletes it. The types beside
// it are made by the test; nothing here is told what they are.

import { argv } from 'node:process';
import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';

const [, , baseUrl = '', bearer = ''] = argv;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${bearer}` } });

const { data: made, error } = await client.POST('/v1/tokens', {
  body: { name: 'generated client', permissions: ['read:plan'] },
});
if (made === undefined) throw new Error(error.title);
const { token, secret } = made;

const self = await client.GET('/v1/self', { headers: { authorization: `Bearer ${secret}` } });
const verdict = await client.POST('/v1/verify', { body: { credential: secret, permissions: ['read:plan'] } });
const lacking = await client.POST('/v1/verify', { body: { credential: secret, permissions: ['update:plan'] } });
const gone = await client.DELETE('/v1/tokens/{id}', { params: { path: { id: token.id } } });
const after = await client.POST('/v1/verify', { body: { credential: secret } });
// A client authenticates in one way: without the bearer of all other calls.
const access = await createClient<paths>({ baseUrl }).POST('/oauth/token', {
  body: { grant_type: 'client_credentials', client_id: 'nobody', client_secret: 'wrong' },
  bodySerializer: (body) => new URLSearchParams(body as Record<string, string>).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});

// @ts-expect-error The description knows no such path.
export type UnknownPath = paths['/v1/no-such-path'];
// @ts-expect-error The description knows the type of this field.
export const wrongType: paths['/v1/tokens']['post']['requestBody']['content']['application/json']['name'] = 7;
console.log(
  JSON.stringify({
    name: self.data?.name,
    allowed: verdict.data?.allowed,
    lacking: lacking.data?.reason,
    deleted: gone.response.status,
    after: after.data?.allowed,
    oauth: access.error !== undefined && 'error' in access.error ? access.error.error : undefined,
  }),
);
