// DPoP proofs on two nodes of one Keyward: what was used on one is of no use on the other, though neither asks the database.

import { afterEach, expect, it } from 'vitest';
import type { Server } from '../../../server/src/assemble.ts';
import type { Config } from '../../../server/src/config/config.ts';
import { addOrganization, assembleAt, newPlace } from '../../assembled-server.ts';
import { keyHolder, proofBy } from '../../dpop.ts';
import { freePort } from '../../end-to-end/run.ts';
import { exchange } from './clients.ts';

const url = 'https://auth.example';
const holder = keyHolder();
let nodes: { server: Server; url: string }[] = [];
let remove = () => {};

afterEach(async () => {
  for (const { server } of nodes) await server.close();
  remove();
});

/** Two nodes, and a token that is bound to the holder's key. */
async function start(dpopNonces: Config['dpopNonces']): Promise<string> {
  const place = await newPlace('postgres');
  remove = () => place.remove();
  nodes = [];
  for (const data of ['one', 'other']) {
    const port = await freePort();
    const settings = { url, port, dpopNonces, data: `${place.folder}/${data}` };
    const server = await assembleAt({ place, settings });
    await server.listen();
    nodes.push({ server, url: `http://127.0.0.1:${port}` });
  }
  const [one] = nodes as [(typeof nodes)[number]];
  const { owner } = await addOrganization(one.server, { name: 'acme', isOperator: true, planId: 'enterprise' });
  const { secret } = await one.server.core.createApiToken(owner, { permissions: ['*:*'], use: 'both' });
  const dpop = proofBy(holder, { method: 'POST', url: `${url}/oauth/token`, nonce: one.server.core.dpopNonce() });
  const { body } = await exchange(one, secret, {}, null, { dpop });
  return body.access_token;
}

async function use(node: number, accessToken: string, dpop: string) {
  const headers = { authorization: `DPoP ${accessToken}`, dpop };
  const response = await fetch(`${nodes[node]?.url}/v1/check`, { headers });
  const [, error] = /error="(\w+)"/.exec(response.headers.get('www-authenticate') ?? '') ?? [];
  return { status: response.status, error, nonce: response.headers.get('dpop-nonce') ?? '' };
}

const proof = (accessToken: string, nonce: string) =>
  proofBy(holder, { method: 'GET', url: `${url}/v1/check`, accessToken, nonce });

it('a proof is used once, on whichever node and however often it is tried [S42]', async () => {
  const token = await start('node');
  const nonce = nodes[0]?.server.core.dpopNonce() ?? '';
  const one = proof(token, nonce);
  const all = await Promise.all([0, 1, 0, 1, 0, 1].map((node) => use(node, token, one)));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  const other = all[1];
  expect(other).toMatchObject({ status: 401, error: 'use_dpop_nonce' });
  expect((await use(1, token, proof(token, other?.nonce ?? ''))).status).toBe(200);
});

it('with nonces that all nodes share a client may go to any of them', async () => {
  const token = await start('shared');
  // A node takes none that was given before it started: the last one's are good everywhere.
  const { nonce } = await use(1, token, proof(token, ''));
  const one = proof(token, nonce);
  expect((await use(0, token, one)).status).toBe(200);
  expect(await use(0, token, one)).toMatchObject({ status: 401, error: 'invalid_dpop_proof' });
  expect((await use(1, token, proof(token, nonce))).status).toBe(200);
});
