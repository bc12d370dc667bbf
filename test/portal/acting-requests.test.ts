// What the portal asks for a customer: for every endpoint of the API whether the request says for whom it is.

import { afterAll, expect, test, vi } from 'vitest';
import { rows } from '../wire/native/routes.ts';

vi.stubGlobal('window', { location: { search: '?organization=customer', origin: 'https://auth.example' } });
afterAll(() => vi.unstubAllGlobals());
/** By an address that the compiler does not follow: it knows no browser here. */
const source = new URL('../../portal/src/acting.ts', import.meta.url).href;
const { alike, hrefIn, isActingPage, organizationFor } = (await import(source)) as {
  alike(path: string): string;
  hrefIn(organization: string | null, to: string): string;
  isActingPage(path: string): boolean;
  organizationFor(path: string): string | null;
};

/** As the server has it; the two that make links are refused to whoever works for a customer. */
const own =
  /^\/v1\/(users|roles|api-users|federated-credentials|applications|tokens|import-recipes|imports|usage|budget|journal|webhooks|webhook-deliveries)(\/|$)/;

test('every request about an organization’s own objects says whose, and no page can forget it [G15]', () => {
  const silent = rows.filter(({ pattern }) => organizationFor(pattern.replaceAll(/:\w+/g, 'x')) === null);
  expect(rows.length).toBeGreaterThan(80);
  expect(silent.map(({ pattern }) => pattern).filter((path) => own.test(path))).toEqual(['/v1/journal/chain']);
  // What nobody thought of says it too, and is refused.
  expect(organizationFor('/v1/invitations')).toBe('customer');
  expect(organizationFor('/v1/tokens-of-tomorrow')).toBe('customer');
});

test('an address names one organization at most, and pages that are nobody’s own none', () => {
  expect(hrefIn('next', '/tokens?state=active&organization=customer')).toBe('/tokens?state=active&organization=next');
  expect(hrefIn(null, '/tokens?organization=customer')).toBe('/tokens');
  expect(hrefIn('a&b=c#d', '/')).toBe('/?organization=a%26b%3Dc%23d');
  expect(['/', '/tokens/x', '/people', '/organizations', '/account', '/apis', '/tokensx'].filter(isActingPage)).toEqual(
    [...['/', '/tokens/x', '/people']],
  );
  expect([alike('/tokens/x'), alike('/organizations')]).toEqual(['/tokens', '/']);
});
