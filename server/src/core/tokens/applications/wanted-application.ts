// What somebody registers an application as: whether each field, and all of them together, can be meant. Whether it is theirs to
// grant is application.ts's to say.

import { isPermissionPattern } from '@keyward/rules/permission';
import { checkedKeySource, hasKeys, type WantedKeySource } from '../../assertions/key-source.ts';
import { invalid } from '../../errors.ts';
import { checkedName } from '../../name.ts';
import { type Application, type ApplicationGrant, applicationGrants } from './records.ts';
import { checkedRedirectUris } from './redirect-uri.ts';

export interface NewApplication extends WantedKeySource {
  name: string;
  type: Application['type'];
  /** None, unless said otherwise. */
  redirectUris?: readonly string[];
  /** What a code and refresh tokens take, unless said otherwise. */
  grants?: readonly ApplicationGrant[];
  permissions: readonly string[];
  logoUrl?: string | null;
}

export type ApplicationChange = Partial<Omit<NewApplication, 'type'>>;

/** What is given, as it is kept; keys of one kind take the place of the other. Throws `invalid_request` that names the field. */
export function checkedFields(wanted: ApplicationChange): Partial<Application> {
  const keys = checkedKeySource(wanted);
  return {
    ...(wanted.name !== undefined && { name: checkedName('name', wanted.name) }),
    ...(wanted.redirectUris !== undefined && { redirectUris: checkedRedirectUris(wanted.redirectUris) }),
    ...(wanted.grants !== undefined && { grants: checkedGrants(wanted.grants) }),
    ...(wanted.permissions !== undefined && { permissions: checkedPatterns(wanted.permissions) }),
    ...(wanted.logoUrl !== undefined && { logoUrl: checkedLogo(wanted.logoUrl) }),
    ...(hasKeys(keys) && keys),
  };
}

/** Throws where its fields do not go together. */
export function demandWhole(application: Application): void {
  const { grants, redirectUris, type, jwks } = application;
  if (redirectUris.length === 0 && grants.includes('authorization_code')) {
    throw invalid('redirectUris', 'With authorization_code an application needs at least one redirect URI.');
  }
  if (type === 'confidential' || !hasKeys(application)) return;
  throw invalid(
    jwks === null ? 'jwksUri' : 'jwks',
    'A public application proves itself by nothing. Register one that is confidential.',
  );
}

/** Taking the keys away would leave nothing to prove it by. */
export function demandKeysLeft(before: Application, { jwks, jwksUri }: ApplicationChange): void {
  const isEmptied = (before.jwks !== null && jwks === null) || (before.jwksUri !== null && jwksUri === null);
  if (!isEmptied || (jwks ?? jwksUri ?? null) !== null) return;
  throw invalid(before.jwks === null ? 'jwksUri' : 'jwks', 'Without its keys it has no proof of itself. Give others.');
}

function checkedGrants(grants: readonly ApplicationGrant[]): readonly ApplicationGrant[] {
  const given = applicationGrants.filter((one) => grants.includes(one));
  if (given.some((one) => one !== 'refresh_token')) return given;
  throw invalid('grants', 'Allow at least one grant beside refresh_token.');
}

function checkedPatterns(patterns: readonly string[]): readonly string[] {
  if (patterns.length === 0) throw invalid('permissions', 'Name at least one permission that it may ask for.');
  patterns.forEach((one, index) => {
    if (isPermissionPattern(one)) return;
    throw invalid(['body', 'permissions', index], 'Use verb:resource, such as read:funds; * may stand for a side.');
  });
  return [...new Set(patterns)];
}

function checkedLogo(url: string | null): string | null {
  if (url === null) return null;
  const isPlain = url.length <= 2000 && /^https:\/\/[\x21-\x7e]+$/.test(url) && URL.canParse(url);
  if (isPlain && new URL(url).username === '' && new URL(url).password === '') return url;
  throw invalid('logoUrl', 'Use an https address of at most 2,000 characters.');
}
