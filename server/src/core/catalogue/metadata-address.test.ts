// Which API's metadata is where, for identifiers of every form, and that the two ways agree.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiAt, metadataAddressOf, metadataPath } from './metadata-address.ts';

const issuer = 'https://auth.example';

test.each([
  ['default', issuer, ''],
  ['default', 'https://api.example', ''],
  ['orders', `${issuer}/v1/apis/orders`, '/v1/apis/orders'],
  ['orders', `${issuer}/orders`, '/orders'],
  ['orders', `${issuer}/orders/`, '/orders/'],
  ['orders', 'https://orders.example', '/v1/apis/orders'],
  ['orders', `${issuer}/orders?version=2`, '/v1/apis/orders'],
  ['orders', 'urn:acme:orders', '/v1/apis/orders'],
  ['orders', 'https:', '/v1/apis/orders'],
])('the metadata of %s, which goes by %s, is at %j', (handle, identifier, path) => {
  expect(metadataAddressOf(handle, identifier, issuer)).toBe(issuer + metadataPath + path);
  expect(apiAt(new Map([[handle, identifier]]), issuer, { path, host: 'auth.example' })).toBe(handle);
});

test('the host decides between identifiers of one path, and where it is unknown the own address counts', () => {
  const apis = new Map([
    ['default', issuer],
    ['orders', 'https://orders.example/'],
    ['billing', 'http://billing.example:8080'],
  ]);
  const at = (host: string, path = '') => apiAt(apis, issuer, { path, host });
  expect(at('orders.example')).toBe('orders');
  expect(at('ORDERS.example:443', '/')).toBe('orders');
  expect(at('billing.example:8080')).toBe('billing');
  for (const host of ['auth.example', 'billing.example', 'evil.example', '', 'a/b', 'x:y'])
    expect(at(host)).toBe('default');
  expect(at('orders.example', '/more')).toBeUndefined();
});

test('every API of a server can be found at the address that is told of it, whatever the others go by', () => {
  const identifier = fc.oneof(
    fc.constantFrom(issuer, `${issuer}/a`, 'https://a.example', 'https://a.example/a', 'urn:a:b'),
    fc.webUrl({ withQueryParameters: true }),
    fc.webPath().map((path) => issuer + path),
  );
  const handle = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(handle, identifier), { selector: ([name]) => name, maxLength: 8 }),
      (others) => {
        // Keyward keeps identifiers apart letter by letter.
        const unique = new Map(others.map(([name, one]) => [one, name]));
        const apis = new Map([['default', issuer], ...[...unique].map(([one, name]) => [name, one] as const)]);
        for (const [name, one] of apis) {
          const address = new URL(metadataAddressOf(name, one, issuer));
          const path = address.pathname.slice(metadataPath.length);
          const found = apiAt(apis, issuer, { path, host: address.host });
          expect(metadataAddressOf(found ?? '', apis.get(found ?? '') ?? '', issuer)).toBe(address.href);
        }
      },
    ),
  );
});
