// What was made through a federated credential, at four verifiers of the SDK that are busy: it ends with the federated credential,
// and the receipt says that all of them have heard.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { startServer, type TestServer } from '../server.ts';
import { call } from '../wire/native/calls.ts';
import {
  accessTokenType,
  apiTokenClient,
  apiUserClient,
  type Client,
  exchange,
  exchangeGrant,
  post,
  sealedType,
} from '../wire/oauth2/clients.ts';
import { newKey, type SigningKey, sign } from '../wire/oauth2/issuer.ts';

describe('busy verifiers', () => {
  let server: TestServer;
  let verifiers: Verifier[];
  let client: Client;
  let key: SigningKey;
  let bearer: string;

  beforeAll(async () => {
    server = await startServer({ permissions: ['read:funds'] });
    [client, key] = [await apiUserClient(server), await newKey('ES256')];
    bearer = (await apiTokenClient(server)).secret;
    const guard = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] });
    const options = { url: server.url, exchange: 'none', clock: server.clock.now } as const;
    verifiers = Array.from({ length: 4 }, (_, n) =>
      createVerifier({ ...options, credential: { apiToken: guard.secret }, name: `v${n}` }),
    );
    await Promise.all(verifiers.map((one) => one.ready({ timeoutMs: 60_000 })));
  });
  afterAll(async () => {
    await Promise.all(verifiers.map((one) => one.close()));
    await server.stop();
  });

  const trust = async (name: string): Promise<string> => {
    const path = `/v1/api-users/${client.id}/federated-credentials`;
    const body = { name, issuer: name, audience: 'keyward', conditions: { sub: 'job' }, jwks: { keys: [key.jwk] } };
    return (await call<{ id: string }>(server, 'POST', path, bearer, body)).body.id;
  };
  const tokenOf = async (name: string, more: Record<string, string> = {}): Promise<string> => {
    const exp = Math.floor(server.clock.now() / 1000) + 60;
    const jwt = await sign({ iss: name, aud: 'keyward', sub: 'job', jti: crypto.randomUUID(), exp }, key);
    const { body } = await post(server, '/oauth/token', {
      grant_type: 'client_credentials',
      client_id: client.id,
      client_assertion: jwt,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      ...more,
    });
    return body.access_token;
  };

  test('refuse all that was made through a federated credential once it is deleted, and say so in the receipt', async () => {
    await trust('kept');
    const kept = await tokenOf('kept');
    let isOver = false;
    let wrong = 0;
    const load = verifiers.map(async (one) => {
      while (!isOver) {
        for (let n = 0; n < 20; n += 1) if ((await one.verify(kept, { cost: 0 })).allowed !== true) wrong += 1;
        await new Promise((turn) => setImmediate(turn));
      }
    });
    try {
      for (let round = 0; round < 10; round += 1) {
        const name = `ci-${round}`;
        const id = await trust(name);
        const [jwt, sealed] = [await tokenOf(name), await tokenOf(name, { requested_token_type: sealedType })];
        const narrow = (await exchange(server, jwt, { scope: 'read:funds' })).body.access_token;
        const tokens = [jwt, sealed, narrow];
        const verdicts = () =>
          Promise.all(
            verifiers.flatMap((one) => tokens.map(async (token) => (await one.verify(token, { cost: 0 })).allowed)),
          );
        expect(await verdicts()).toEqual(Array(12).fill(true));
        const path = `/v1/federated-credentials/${id}?receipt=10000`;
        const receipt = await call<Record<string, unknown>>(server, 'DELETE', path, bearer);
        expect(receipt.status, receipt.text).toBe(200);
        expect(receipt.body.effective).toBe(receipt.body.of);
        expect(receipt.body.of).toBeGreaterThanOrEqual(4);
        // Not a moment later than the receipt, which is the promise however slow the machine is.
        expect(await verdicts()).toEqual(Array(12).fill(false));
      }
    } finally {
      isOver = true;
      await Promise.all(load);
    }
    expect(wrong).toBe(0);
  });

  test('of a customer refuse what the operator’s client got for the customer through one that is deleted', async () => {
    const asCustomer = (await server.addOrganization('initech')).owner.caller;
    const guard = await apiTokenClient(server, { permissions: ['verify:credential', 'follow:feed'] }, asCustomer);
    const subject = await apiTokenClient(server, {}, asCustomer);
    const acting = { grant_type: exchangeGrant, subject_token: subject.secret, subject_token_type: accessTokenType };
    const options = { url: server.url, exchange: 'none', clock: server.clock.now, name: 'theirs' } as const;
    const newVerifier = () => createVerifier({ ...options, credential: { apiToken: guard.secret } });
    const verifier = newVerifier();
    let late: Verifier | undefined;
    try {
      await verifier.ready({ timeoutMs: 60_000 });
      const [id] = [await trust('operators'), await trust('operators-other')];
      const [doomed, kept] = [await tokenOf('operators', acting), await tokenOf('operators-other', acting)];
      const verdicts = async (one: Verifier) => [
        (await one.verify(kept, { cost: 0 })).allowed,
        (await one.verify(doomed, { cost: 0 })).allowed,
      ];
      expect(await verdicts(verifier)).toEqual([true, true]);
      const path = `/v1/federated-credentials/${id}?receipt=10000`;
      const receipt = await call<Record<string, unknown>>(server, 'DELETE', path, bearer);
      expect(receipt.status, receipt.text).toBe(200);
      // The node, the operator's four and the customer's.
      expect(receipt.body).toMatchObject({ effective: 6, of: 6, waitingFor: [] });
      expect(await verdicts(verifier)).toEqual([true, false]);
      late = newVerifier();
      await late.ready({ timeoutMs: 60_000 });
      // Whose they are is known by the other; the signature is good.
      expect(await verdicts(late)).toEqual([true, false]);
    } finally {
      await verifier.close();
      await late?.close();
    }
  });
});
