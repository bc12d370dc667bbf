// How a guarded API learns who is calling: headers that only Keyward may set. Every one is always sent, so that a stale
// or forged one can never stand in its place (S67).

import type { Principal } from '../core/caller/records.ts';
import type { Budget } from '../core/checking/limit.ts';
import type { Answer } from './dialect.ts';
import { rateLimitHeaders, rateLimitLines } from './rate-limit.ts';

/**
 * The identity of an allowed call; without a principal (an open path) all are empty, as are external ids that nobody gave.
 * Names and external ids are percent-encoded UTF-8; the organization is its id; permissions are separated by commas. As many as `permissionsLimit` takes are named,
 * and it is said how many are not.
 */
export function identityHeaders(principal: Principal | undefined): Record<string, string> {
  return {
    'x-auth-principal': principal?.id ?? '',
    'x-auth-type': principal?.type ?? '',
    'x-auth-name': principal === undefined ? '' : encoded(principal.name),
    'x-auth-external-id': encoded(principal?.externalId ?? ''),
    'x-auth-organization': principal?.organization.id ?? '',
    'x-auth-organization-external-id': encoded(principal?.organization.externalId ?? ''),
    'x-auth-permissions': principal === undefined ? '' : permissionText(principal.permissions).text,
    'x-auth-permissions-omitted': principal === undefined ? '' : permissionText(principal.permissions).omitted,
  };
}

/** Bytes of permissions in a header. Proxies and clients refuse answers whose heads are larger than 8 or 16 kB in all. */
export const permissionsLimit = 4096;

/**
 * The answer to a call that may proceed: 200 with its identity and where its budget stands, if it has one. Empty, since
 * nginx would give up its kept connection for a body, and a body costs more than the check.
 */
export function letIn(principal: Principal | undefined, budget: Budget | null): Answer {
  const headers = identityHeaders(principal);
  if (budget !== null) rateLimitHeaders(budget, headers);
  headers['content-length'] = '0';
  return { status: 200, headers };
}

/** The same answer on the fast path: its head is put together once, in the form in which it is sent. */
export function letInAtOnce(principal: Principal | undefined, budget: Budget | null): Answer {
  const identity = identityLines(principal);
  const limit = budget === null ? '' : rateLimitLines(budget);
  if (identity === undefined || limit === undefined) return letIn(principal, budget);
  return { status: 200, lines: `${identity}${limit}content-length: 0\r\n` };
}

/** `identityHeaders` as lines; undefined for what might need a closer look. */
function identityLines(principal: Principal | undefined): string | undefined {
  if (principal === undefined) return nobody;
  const { id, type, name, externalId, organization, permissions } = principal;
  const membership = membershipLines(organization, permissions);
  if (membership === undefined || !/^[\w-]*$/.test(id)) return undefined;
  const external = externalId === null ? noExternalId : `x-auth-external-id: ${encoded(externalId)}\r\n`;
  return `x-auth-principal: ${id}\r\nx-auth-type: ${type}\r\nx-auth-name: ${encoded(name)}\r\n${external}${membership}`;
}

const nobody = linesOf(identityHeaders(undefined));
const noExternalId = 'x-auth-external-id: \r\n';

/** Credentials share their lists of permissions, which never change then. */
const memberships = new WeakMap<readonly string[], Membership>();

interface Membership {
  id: string;
  externalId: string | null;
  lines: string;
}

function membershipLines(
  { id, externalId }: Principal['organization'],
  permissions: readonly string[],
): string | undefined {
  const known = memberships.get(permissions);
  if (known?.id === id && known.externalId === externalId) return known.lines;
  const { text, omitted } = permissionText(permissions);
  if (!/^[\w-]*$/.test(id) || !/^[\w.:*,-]*$/.test(text)) return undefined;
  const lines = linesOf({
    'x-auth-organization': id,
    'x-auth-organization-external-id': encoded(externalId ?? ''),
    'x-auth-permissions': text,
    'x-auth-permissions-omitted': omitted,
  });
  if (Object.isFrozen(permissions)) memberships.set(permissions, { id, externalId, lines });
  return lines;
}

function linesOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** Most names and external ids are as they would be encoded. */
function encoded(text: string): string {
  return /^[\w.~-]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

interface PermissionText {
  text: string;
  /** How many more there are. */
  omitted: string;
}

/** Credentials share their lists of permissions, which never change then. */
const texts = new WeakMap<readonly string[], PermissionText>();

function permissionText(permissions: readonly string[]): PermissionText {
  const known = texts.get(permissions);
  if (known !== undefined) return known;
  const made = fittingText(permissions);
  if (Object.isFrozen(permissions)) texts.set(permissions, made);
  return made;
}

/** The first that fit, whole: a name that is cut could be the name of another permission. */
function fittingText(permissions: readonly string[]): PermissionText {
  const all = permissions.join(',');
  if (all.length <= permissionsLimit) return { text: all, omitted: '0' };
  const end = all.lastIndexOf(',', permissionsLimit);
  const text = end < 0 ? '' : all.slice(0, end);
  const named = end < 0 ? 0 : text.split(',').length;
  return { text, omitted: String(permissions.length - named) };
}
