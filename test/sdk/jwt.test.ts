// JWTs that somebody made up, against a verifier that follows a whole server: none gets in, and hardly any is asked about.

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { startServer, type TestServer, testClock } from '../server.ts';
import { call } from '../wire/native/calls.ts';

describe('a verifier', () => {
  const clock = testClock();
  let server: TestServer;
  let verifier: Verifier;
  let secret: string;
  let token: string;
  const fetched = { keys: 0, verdicts: 0, elsewhere: 0 };

  beforeAll(async () => {
    server = await startServer({ clock });
    const mine = await server.core.createApiToken(server.asOwner, { permissions: ['verify:credential', 'follow:feed'] });
    ({ secret } = await server.core.createApiToken(server.asOwner, { permissions: ['read:user'] }));
    token = await exchange();
    const counting: typeof fetch = (input, init) => {
      const url = String(input);
      if (url.endsWith('/.well-known/jwks.json')) fetched.keys += 1;
      else if (url.endsWith('/v1/verify')) fetched.verdicts += 1;
      else if (!url.startsWith(server.url)) fetched.elsewhere += 1;
      return fetch(input, init);
    };
    const credential = { apiToken: mine.secret };
    verifier = createVerifier({ url: server.url, credential, exchange: 'none', clock: clock.now, fetch: counting });
    await verifier.ready();
    expect(await verifier.verify(token)).toMatchObject({ allowed: true, principal: { type: 'api_token' } });
  });
  afterAll(async () => {
    await verifier?.close();
    await server?.stop();
  });

  const exchange = async (body: object = {}) =>
    (await call<{ accessToken: string }>(server, 'POST', '/v1/access-tokens', undefined, { apiToken: secret, ...body })).body
      .accessToken;
  const headerOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString());
  const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
  const encode = (part: unknown) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
  const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (header: unknown, claims: unknown) => {
    const input = `${encode(header)}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key: mine.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };
  /** A token signed by a key of the server's, with claims as the test wants them. */
  async function issued(change: Record<string, unknown>, profile: 'oauth' | 'debricked' = 'oauth'): Promise<string> {
    const { signCompact } = await import('../../rules/src/jws.ts');
    const { createKeySet } = await import('../../server/src/core/signing-keys.ts');
    const keys = createKeySet(server.store, server.sealer);
    await keys.reload();
    const { algorithm, typ, kid, privateKey } = keys.signer(profile, clock.now());
    const claims = { ...claimsOf(token), ...change };
    return signCompact({ alg: algorithm, typ, kid }, claims, privateKey);
  }

  async function expectRefused(attack: string, reason = 'unknown'): Promise<void> {
    const { verdicts } = fetched;
    expect(await verifier.verify(attack), attack.slice(0, 80)).toMatchObject({ allowed: false, reason });
    expect(fetched.verdicts - verdicts).toBe(0);
  }

  test('knows the later JWTs of a source by their signature alone', async () => {
    const { verdicts } = fetched;
    const later = await exchange({ lifetimeSeconds: 120 });
    const verdict = verifier.verifySync(later);
    expect(verdict === undefined ? await verifier.verify(later) : verdict).toMatchObject({
      allowed: true,
      principal: { expiresAt: new Date(claimsOf(later).exp * 1000).toISOString() },
    });
    expect(fetched.verdicts - verdicts).toBe(0);
  });

  test('takes the algorithm from the key, never from the header [S28]', async () => {
    const [, payload] = token.split('.');
    const { kid } = headerOf(token);
    for (const alg of ['none', 'None', 'nOnE', 'NONE', '']) {
      await expectRefused(`${encode({ alg, typ: 'at+jwt', kid })}.${payload}.`);
      await expectRefused(`${encode({ alg, typ: 'at+jwt', kid })}.${payload}.${token.split('.')[2]}`);
    }
    const { keys } = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as { keys: object[] };
    for (const jwk of keys) {
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      for (const secretKey of [
        key.export({ type: 'spki', format: 'pem' }),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(jwk),
      ]) {
        const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: (jwk as { kid: string }).kid })}.${payload}`;
        await expectRefused(`${input}.${createHmac('sha256', secretKey).update(input).digest('base64url')}`);
      }
    }
  });

  test('uses no key that a token brings or points to, and fetches nothing from elsewhere [S29]', async () => {
    const { kid } = headerOf(token);
    const jwk = { ...mine.publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
    const jku = `${server.url}/evil.json`;
    for (const more of [{ jwk }, { jku }, { x5u: jku }, { x5c: ['MIIB'] }, { jku: 'https://evil.example/keys' }]) {
      await expectRefused(signed({ alg: 'ES256', typ: 'at+jwt', kid, ...more }, claimsOf(token)));
    }
    expect(fetched.elsewhere).toBe(0);
  });

  test('asks for nothing because of a strange kid [S30]', async () => {
    const keysBefore = fetched.keys;
    const kids = ['../../etc/passwd', "' OR 1=1 --", '\0', 'k'.repeat(10_000), ['a'], {}, 1, null, '__proto__', 'constructor'];
    for (const kid of kids) await expectRefused(signed({ alg: 'ES256', typ: 'at+jwt', kid }, claimsOf(token)));
    await expectRefused(signed(`{"alg":"ES256","typ":"at+jwt","kid":"a","kid":"${headerOf(token).kid}"}`, claimsOf(token)));
    expect(fetched.keys - keysBefore).toBeLessThanOrEqual(1);
  });

  test('refuses what is no plain compact JWS [S31]', async () => {
    const { kid } = headerOf(token);
    const header = { alg: 'ES256', typ: 'at+jwt', kid };
    for (const more of [{ crit: ['exp'] }, { crit: ['b64'], b64: false }, { b64: false }, { enc: 'A256GCM' }, { zip: 'DEF' }, { cty: 'JWT' }]) {
      await expectRefused(signed({ ...header, ...more }, claimsOf(token)));
    }
    const [protectedHeader, payload, signature] = token.split('.');
    await expectRefused(JSON.stringify({ protected: protectedHeader, payload, signature }));
    await expectRefused(JSON.stringify({ payload, signatures: [{ protected: protectedHeader, signature }] }));
    await expectRefused(`${token}.${token.split('.').slice(0, 2).join('.')}`);
    await expectRefused(signed(header, token));
  });

  test('accepts one spelling of a token only [S32]', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const variants = [...alphabet].map((last) => token.slice(0, -1) + last);
    const allowed = [];
    for (const variant of variants) if ((await verifier.verify(variant)).allowed) allowed.push(variant);
    expect(allowed).toEqual([token]);
    for (const variant of [`${token}=`, ` ${token}`, `${token}\n`, `${token}.`, token.replace('.', '..'), 'x'.repeat(9000)]) {
      await expectRefused(variant);
    }
  });

  test('accepts no token of another profile, nor one of another kind [S33]', async () => {
    const debricked = await issued({}, 'debricked');
    const [, payload, signature] = debricked.split('.');
    const { kid } = headerOf(debricked);
    await expectRefused(`${encode({ alg: 'RS256', typ: 'at+jwt', kid })}.${payload}.${signature}`);
    for (const typ of ['JWT', 'jwt', 'id_token', 'AT+JWT', 'application/at+jwt', undefined]) {
      await expectRefused(signed({ alg: 'ES256', typ, kid: headerOf(token).kid }, claimsOf(token)));
    }
  });

  test('believes no issuer, audience or time but right ones, whoever signed them [S34]', async () => {
    const { iss, iat, exp } = claimsOf(token);
    for (const change of [
      { iss: `${iss}/` },
      { iss: 'https://evil.example' },
      { iss: undefined },
      { aud: 'https://evil.example' },
      { aud: [] },
      { aud: [1] },
      { exp: String(exp) },
      { exp: -1 },
      { exp: exp * 1000 },
      { exp: iat + 24 * 3600 + 1 },
      { exp: 1e300 },
      { exp: undefined },
      { iat: undefined },
      { iat: 'now' },
      { src: undefined },
      { src: 7 },
      { jti: undefined },
    ]) {
      await expectRefused(await issued(change));
    }
    await expectRefused(await issued({ iat: iat - 7200, exp: iat - 3600 }), 'expired');
    expect(await verifier.verify(await issued({ aud: ['https://other.example', iss] }))).toMatchObject({ allowed: true });
  });

  test('refuses claims that are said twice [S35]', async () => {
    const twice = JSON.stringify(claimsOf(token)).replace('{', '{"sub":"somebody",');
    await expectRefused(signed({ alg: 'ES256', typ: 'at+jwt', kid: headerOf(token).kid }, twice));
  });

  test('asks Keyward, whose clock decides, about a token that seems to come from the future', async () => {
    const { verdicts } = fetched;
    const early = await issued({ nbf: Math.floor(clock.now() / 1000) + 60 });
    expect(await verifier.verify(early)).toMatchObject({ allowed: false, reason: 'unknown' });
    expect(fetched.verdicts - verdicts).toBe(1);
  });

  test('refuses a token from its end on, though it knew it well', async () => {
    const short = await exchange({ lifetimeSeconds: 60 });
    expect(await verifier.verify(short)).toMatchObject({ allowed: true });
    clock.advance(59_000);
    expect(await verifier.verify(short)).toMatchObject({ allowed: true });
    clock.advance(1_000);
    expect(await verifier.verify(short)).toMatchObject({ allowed: false, reason: 'expired' });
    expect(verifier.verifySync(short)).toMatchObject({ allowed: false, reason: 'expired' });
  });

  test('fetches the keys once at most for ten thousand unknown key ids [S37]', async () => {
    const before = fetched.keys;
    const [, payload, signature] = token.split('.');
    const attacks = Array.from({ length: 10_000 }, (_, n) => `${encode({ alg: 'ES256', typ: 'at+jwt', kid: `k${n}` })}.${payload}.${signature}`);
    const verdicts = await Promise.all(attacks.map((attack) => verifier.verify(attack)));
    expect(verdicts.filter(({ allowed }) => allowed)).toEqual([]);
    expect(fetched.keys - before).toBeLessThanOrEqual(1);
  });
});
