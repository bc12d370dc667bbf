// Where an API's metadata belongs, and what it says.

import { expect, test } from 'vitest';
import { checkOptions } from './guard.ts';
import { protectedResourceMetadata } from './resource-metadata.ts';

const issuer = 'https://auth.example.com';

test.each([
  ['https://api.example.com', 'https://api.example.com/.well-known/oauth-protected-resource'],
  ['https://api.example.com/', 'https://api.example.com/.well-known/oauth-protected-resource'],
  ['https://api.example.com:8443/orders', 'https://api.example.com:8443/.well-known/oauth-protected-resource/orders'],
])('the metadata of %s is at %s, which a guard takes', (resource, url) => {
  const metadata = protectedResourceMetadata({ resource, issuer, scopes: ['read:orders'] });
  expect(metadata.url).toBe(url);
  expect(new URL(url).pathname).toBe(metadata.path);
  expect(metadata.document).toEqual({
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: ['read:orders'],
  });
  expect(() => checkOptions({ resourceMetadata: url })).not.toThrow();
});

test('an API that takes proofs of a key says of which algorithms', () => {
  const { document } = protectedResourceMetadata({ resource: 'https://api.example.com', issuer, dpop: true });
  expect(document.dpop_signing_alg_values_supported).toContain('ES256');
});

test('an API that is no address has none, and a guard takes nothing that would break its challenge', () => {
  for (const resource of ['urn:acme:orders', 'api.example.com', 'https://a.example/?b', 'https://a.example/#b']) {
    expect(() => protectedResourceMetadata({ resource, issuer })).toThrow(TypeError);
  }
  for (const resourceMetadata of ['', 'x', 'https://a.example/"b', 'https://a.example/\r\nb', 'https://a.example/ b']) {
    expect(() => checkOptions({ resourceMetadata })).toThrow(TypeError);
  }
});
