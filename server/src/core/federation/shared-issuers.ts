// Issuers that sign for everybody who has an account there. For these, a condition must say whose token it is: a branch or an
// event that anybody's repository has says nothing.

import { invalid } from '../errors.ts';
import type { Conditions } from './records.ts';

interface SharedIssuer {
  /** How conditions begin, before any `*`, that name an owner; by claim. */
  owners: Readonly<Record<string, RegExp>>;
  example: string;
}

const id = /^\d+$/;
const path = /^[^/*]+\//;

const sharedIssuers: Readonly<Record<string, SharedIssuer>> = {
  'https://token.actions.githubusercontent.com': {
    owners: {
      sub: /^repo:[^/*]+\//,
      repository: path,
      repository_owner: /^[^/*]+$/,
      repository_id: id,
      repository_owner_id: id,
    },
    example: 'repository: acme/shop',
  },
  'https://gitlab.com': {
    owners: {
      sub: /^project_path:[^/*]+\//,
      project_path: path,
      namespace_path: /^[^*]+$/,
      project_id: id,
      namespace_id: id,
    },
    example: 'project_path: acme/shop',
  },
};

/** Throws KeywardError `invalid_request` for conditions that strangers at a shared issuer could meet. */
export function checkOwnerNamed(issuer: string, conditions: Conditions): void {
  const shared = Object.hasOwn(sharedIssuers, issuer) ? sharedIssuers[issuer] : undefined;
  if (shared === undefined) return;
  const { owners, example } = shared;
  if (
    Object.entries(conditions).some(([claim, pattern]) => Object.hasOwn(owners, claim) && owners[claim]?.test(pattern))
  )
    return;
  throw invalid(
    'conditions',
    `${issuer} signs for everybody. Say whose tokens are meant, by one of ${Object.keys(owners).join(', ')}: for example ${example}.`,
  );
}
