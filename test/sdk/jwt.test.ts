// JWTs that somebody made up, against a verifier whose Keyward would let anybody in: none gets in, none is asked about, and
// none makes the verifier fetch anything.

import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier, type Verifier } from '../../sdk/src/index.ts';
import { testClock } from '../server.ts';
import { encode, type FakeKeyward, signed, startFakeKeyward } from './fake-keyward.ts';

describe('a verifier', () => {
  const clock = testClock();
  const elsewhere: string[] = [];
  let server: FakeKeyward;
  let verifier: Verifier;
  let token: string;

  const now = () => Math.floor(clock.now() / 1000);
  const headerOf = (profile: 'oauth' | 'debricked' = 'oauth') => {
    const { alg, typ, kid } = server.keys[profile];
    return { alg, typ, kid };
  };
  const claims = () => ({
    iss: server.url,
    aud: server.url,
    iat: now(),
    exp: now() + 3600,
    jti: 'j1',
    sub: 't1',
    src: 'api_token:t1:0.0',
  });
  const issue = (change: object = {}, header: object = {}, profile: 'oauth' | 'debricked' = 'oauth') =>
    signed(server.keys[profile], { ...headerOf(profile), ...header }, { ...claims(), ...change });

  beforeAll(async () => {
    // However long the thread is busy, the feed does not fall silent: each call would be asked about.
    server = await startFakeKeyward(60_000);
    const counting: typeof fetch = (input, init) => {
      if (!String(input).startsWith(server.url)) elsewhere.push(String(input));
      return fetch(input, init);
    };
    const options = { url: server.url, credential: { apiToken: 'kw_mine' }, exchange: 'none' } as const;
    verifier = createVerifier({ ...options, clock: clock.now, fetch: counting });
    await verifier.ready();
    token = issue();
    expect(await verifier.verify(token)).toMatchObject({ allowed: true, principal: { id: 't1' } });
  });
  afterAll(async () => {
    await verifier?.close();
    await server?.close();
  });

  async function expectRefused(attack: string, reason = 'unknown'): Promise<void> {
    const before = server.count('/v1/verify');
    expect(await verifier.verify(attack), attack.slice(0, 80)).toMatchObject({ allowed: false, reason });
    expect(server.count('/v1/verify') - before, attack.slice(0, 80)).toBe(0);
  }

  test('knows the later JWTs of a source by their signature alone, without waiting', () => {
    const asked = server.count('/v1/verify');
    const later = issue({ exp: now() + 60, jti: 'j2' });
    const expiresAt = new Date((now() + 60) * 1000).toISOString();
    expect(verifier.verifySync(later)).toMatchObject({ allowed: true, principal: { id: 't1', expiresAt } });
    expect(server.count('/v1/verify')).toBe(asked);
  });

  test('asks about another source, another generation, another session, and another kind of token of the same source', async () => {
    const asked = server.count('/v1/verify');
    await verifier.verify(issue({ src: 'api_token:t2:0.0' }));
    await verifier.verify(issue({ src: 'api_token:t1:1.0' }));
    await verifier.verify(issue({}, {}, 'debricked'));
    await verifier.verify(issue({ sid: 's1' }));
    expect(server.count('/v1/verify') - asked).toBe(4);
  });

  test('takes the algorithm from the key, never from the header [S28]', async () => {
    const [, payload, signature] = token.split('.');
    const { kid } = headerOf();
    for (const alg of ['none', 'None', 'nOnE', 'NONE', '', 'ES384', 'RS256', null]) {
      await expectRefused(`${encode({ alg, typ: 'at+jwt', kid })}.${payload}.`);
      await expectRefused(`${encode({ alg, typ: 'at+jwt', kid })}.${payload}.${signature}`);
      await expectRefused(issue({}, { alg }));
    }
    for (const { publicJwk, kid: known } of Object.values(server.keys)) {
      const key = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
      const der = key.export({ type: 'spki', format: 'der' });
      for (const secret of [key.export({ type: 'spki', format: 'pem' }), der, JSON.stringify(publicJwk), '']) {
        for (const alg of ['HS256', 'HS512']) {
          const input = `${encode({ alg, typ: 'at+jwt', kid: known })}.${payload}`;
          const mac = createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret);
          await expectRefused(`${input}.${mac.update(input).digest('base64url')}`);
        }
      }
    }
  });

  test('uses no key that a token brings or points to, and fetches nothing from elsewhere [S29]', async () => {
    const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...mine.publicKey.export({ format: 'jwk' }), kid: headerOf().kid, alg: 'ES256', use: 'sig' };
    const evil = 'https://evil.example/keys.json';
    for (const more of [{ jwk }, { jku: evil }, { x5u: evil }, { x5c: ['MIIB'] }, { jku: server.url }, {}]) {
      await expectRefused(signed(mine, { ...headerOf(), ...more }, claims()));
      if (Object.keys(more).length > 0) await expectRefused(issue({}, more));
    }
    expect(elsewhere).toEqual([]);
  });

  test('looks a key up by an exact key id only, and asks for nothing because of a strange one [S30]', async () => {
    const before = server.calls.length;
    const kids = ['../../key', "' OR 1=1 --", '\0', 'k'.repeat(10_000), ['a'], {}, 1, null, '__proto__', 'constructor'];
    for (const kid of [...kids, headerOf().kid.toUpperCase(), ` ${headerOf().kid}`])
      await expectRefused(issue({}, { kid }));
    const { kid } = headerOf();
    for (const header of [
      `{"alg":"ES256","typ":"at+jwt","kid":"x","kid":"${kid}"}`,
      '{"alg":"ES256","typ":"at+jwt"}',
    ]) {
      await expectRefused(signed(server.keys.oauth, header, claims()));
    }
    // One for the keys, and the word about the feed that happens to come by.
    const asked = server.calls.slice(before).filter(({ url }) => !url.startsWith('/v1/feed'));
    expect(asked.length).toBeLessThanOrEqual(1);
  });

  test('refuses what is no plain compact JWS [S31]', async () => {
    for (const more of [
      { crit: ['exp'] },
      { crit: ['b64'], b64: false },
      { b64: false },
      { b64: true },
      { enc: 'A256GCM' },
      { zip: 'DEF' },
      { cty: 'JWT' },
    ]) {
      await expectRefused(issue({}, more));
    }
    const [header, payload, signature] = token.split('.');
    await expectRefused(JSON.stringify({ protected: header, payload, signature }));
    await expectRefused(JSON.stringify({ payload, signatures: [{ protected: header, signature }] }));
    await expectRefused(`${header}.${payload}.${signature}.${payload}.${signature}`);
    await expectRefused(signed(server.keys.oauth, headerOf(), token));
  });

  test('accepts one spelling of a token only [S32]', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const allowed: string[] = [];
    for (const last of alphabet) {
      const variant = token.slice(0, -1) + last;
      if ((await verifier.verify(variant)).allowed) allowed.push(variant);
    }
    expect(allowed).toEqual([token]);
    const others = [
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      `${token}.`,
      token.replace('.', '..'),
      `ey${'x'.repeat(8200)}`,
    ];
    for (const other of others) await expectRefused(other);
  });

  test("accepts a kind of token by its own kind's key only [S33] [S51]", async () => {
    for (const typ of ['JWT', 'jwt', 'id_token', 'AT+JWT', 'application/at+jwt', '', null, undefined]) {
      await expectRefused(issue({}, { typ }));
    }
    await expectRefused(issue({}, { typ: 'at+jwt' }, 'debricked'));
    await expectRefused(issue({}, { kid: server.keys.debricked.kid }));
    await expectRefused(
      signed(server.keys.debricked, { ...headerOf('debricked'), kid: server.keys.oauth.kid }, claims()),
    );
  });

  test('believes no issuer, audience, time or source but right ones, whoever signed them [S34]', async () => {
    const { iat, exp } = claims();
    for (const change of [
      { iss: `${server.url}/` },
      { iss: 'https://evil.example' },
      { iss: undefined },
      { iss: [server.url] },
      { aud: 'https://evil.example' },
      { aud: [] },
      { aud: [1, server.url] },
      { aud: undefined },
      { exp: String(exp) },
      { exp: -1 },
      { exp: exp * 1000 },
      { exp: exp + 0.5 },
      { exp: iat + 24 * 3600 + 1 },
      { exp: 1e300 },
      { exp: null },
      { iat: undefined },
      { iat: 'now' },
      { nbf: 'now' },
      { src: undefined },
      { src: 7 },
      { jti: undefined },
    ]) {
      await expectRefused(issue(change));
    }
    const overflowing = JSON.stringify(claims()).replace(String(exp), '1e400');
    await expectRefused(signed(server.keys.oauth, headerOf(), overflowing));
    await expectRefused(issue({ iat: iat - 7200, exp: iat - 3600 }), 'expired');
    expect(verifier.verifySync(issue({ aud: ['https://other.example', server.url] }))).toMatchObject({ allowed: true });
  });

  test('refuses claims that are said twice [S35]', async () => {
    const twice = JSON.stringify(claims()).replace('{', '{"sub":"somebody",');
    await expectRefused(signed(server.keys.oauth, headerOf(), twice));
  });

  test('lets Keyward, whose clock decides, judge a token that seems to come from the future [S107]', async () => {
    const asked = server.count('/v1/verify');
    server.answers.verify = () => ({ allowed: false, reason: 'unknown' });
    expect(await verifier.verify(issue({ nbf: now() + 60 }))).toMatchObject({ allowed: false, reason: 'unknown' });
    delete server.answers.verify;
    expect(await verifier.verify(issue({ iat: now() + 1 }))).toMatchObject({ allowed: true });
    expect(server.count('/v1/verify') - asked).toBe(2);
  });

  test('refuses a token from its end on, though it knew it well', () => {
    const short = issue({ exp: now() + 60 });
    expect(verifier.verifySync(short)).toMatchObject({ allowed: true });
    clock.advance(59_000);
    expect(verifier.verifySync(short)).toMatchObject({ allowed: true });
    clock.advance(1000);
    expect(verifier.verifySync(short)).toMatchObject({ allowed: false, reason: 'expired' });
    expect(verifier.verifySync(short)).toMatchObject({ allowed: false, reason: 'expired' });
  });

  test('fetches the keys once at most for ten thousand unknown key ids [S37]', async () => {
    const before = server.count('/.well-known/jwks.json');
    const [, payload, signature] = token.split('.');
    const attacks = Array.from({ length: 10_000 }, (_, n) => {
      const header = encode({ ...headerOf(), kid: `k${n}` });
      return `${header}.${payload}.${signature}`;
    });
    const verdicts = await Promise.all(attacks.map((attack) => verifier.verify(attack)));
    expect(verdicts.filter(({ allowed }) => allowed)).toEqual([]);
    expect(server.count('/.well-known/jwks.json') - before).toBeLessThanOrEqual(1);
  });

  test('fetches the keys once in a second at most while they cannot be had [S37]', async () => {
    const { createKeySet } = await import('../../sdk/src/verifier/key-set.ts');
    let [now, fetched, isDown] = [0, 0, true];
    const keys = createKeySet(
      async () => {
        fetched += 1;
        if (isDown) throw new Error('down');
        return { keys: [server.keys.oauth.publicJwk] };
      },
      () => now,
    );
    for (let n = 0; n < 100; n += 1) await expect(keys.refresh()).rejects.toThrow('down');
    expect([fetched, keys.isFresh(now)]).toEqual([1, false]);
    isDown = false;
    // A change is no reason to wait.
    keys.outdate(7);
    await expect.poll(() => keys.isFresh(now)).toBe(true);
    now += 60_000;
    isDown = true;
    await expect(keys.refresh()).rejects.toThrow('down');
    now += 1000;
    isDown = false;
    await keys.refresh();
    expect([fetched, keys.isFresh(now)]).toEqual([4, true]);
  });

  test('never takes keys that were asked for before a change for all there are, whenever it comes [S38]', async () => {
    const { createKeySet } = await import('../../sdk/src/verifier/key-set.ts');
    for (let turns = 0; turns < 12; turns += 1) {
      const asked: (number | null)[] = [];
      let release = () => {};
      const keys = createKeySet(
        (cursor) => {
          asked.push(cursor);
          return new Promise((answer) => (release = () => answer({ keys: [] })));
        },
        () => 0,
      );
      keys.refresh();
      release();
      for (let turn = 0; turn < turns; turn += 1) await null;
      keys.outdate(7);
      await new Promise((go) => setImmediate(go));
      expect([asked, keys.isFresh(0)]).toEqual([[null, 7], false]);
      release();
      await new Promise((go) => setImmediate(go));
      expect(keys.isFresh(0)).toBe(true);
    }
  });

  test('takes no key that is weak, private, for another use, or of no known kind', async () => {
    const { createKeySet } = await import('../../sdk/src/verifier/key-set.ts');
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
    const good = server.keys.oauth.publicJwk;
    const set = [
      { ...weak, kid: 'weak', alg: 'RS256' },
      { ...other, kid: 'curve', alg: 'ES256' },
      { ...good, kid: 'use', use: 'enc' },
      { ...good, kid: 'alg', alg: 'RS256' },
      { ...good, kid: 7 },
      { kty: 'oct', k: 'AAAA', kid: 'oct', alg: 'ES256' },
      null,
      { ...good, kid: 'good' },
    ];
    const keys = createKeySet(
      async () => ({ keys: set }),
      () => 0,
    );
    await keys.refresh();
    expect(['weak', 'curve', 'use', 'alg', 'oct', 'good'].filter((kid) => keys.find(kid) !== undefined)).toEqual([
      'good',
    ]);
  });
});
