// What is remembered of good JWTs, and when it stops to count.

import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCheckedJwts } from './jwt-cache.ts';
import type { LiveKey } from './key-set.ts';
import type { ReadToken } from './records.ts';

const token: ReadToken = {
  form: 'jwt:oauth',
  jti: 'jti',
  source: { type: 'user', id: 'user' },
  generation: '0.0',
  expiresAt: 2000,
  recorded: false,
  sessionId: null,
  outlivesDeactivation: false,
  bounds: null,
  client: null,
};

function keyNamed(kid: string): LiveKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, algorithm: 'ES256', typ: 'at+jwt', profile: 'oauth', recorded: false, privateKey, publicKey };
}

function memory(size?: number) {
  const keys = new Map([['a', keyNamed('a')]]);
  const jwts = createCheckedJwts({ find: (kid) => keys.get(kid) }, size);
  const keep = (digest: string) => {
    const key = keys.get('a');
    if (key !== undefined) jwts.keep(digest, { token, kid: 'a', key, checkedAt: 1000 });
  };
  return { keys, jwts, keep };
}

test('a JWT that was found good is good until its end', () => {
  const { jwts, keep } = memory();
  expect(jwts.find('digest', 1500)).toBeNull();
  keep('digest');
  expect(jwts.find('digest', 1999)).toBe(token);
  expect(jwts.find('digest', 2000)).toBeNull();
});

test('nothing is known of a time before it was looked at, when it may not have been valid yet [S106]', () => {
  const { jwts, keep } = memory();
  keep('digest');
  expect(jwts.find('digest', 999)).toBeNull();
});

test('a key that was revoked takes its JWTs with it, and another of the same name does not bring them back [S38]', () => {
  const { keys, jwts, keep } = memory();
  keep('digest');
  keys.delete('a');
  expect(jwts.find('digest', 1500)).toBeNull();
  keys.set('a', keyNamed('a'));
  expect(jwts.find('digest', 1500)).toBeNull();
});

test('remembers a bounded number, and keeps what is in use while others come and go', () => {
  const { jwts, keep } = memory(100);
  keep('used');
  for (let at = 0; at < 1000; at += 1) {
    keep(`digest-${at}`);
    expect(jwts.find('used', 1500)).toBe(token);
  }
  const known = Array.from({ length: 1000 }, (_, at) => jwts.find(`digest-${at}`, 1500)).filter((one) => one !== null);
  expect(known.length).toBeLessThanOrEqual(200);
});
