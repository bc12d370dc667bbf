// What is told of an exchange that fails: whose it was, as far as that is known, why and from where. Never what was sent.

import type { CredentialRecord } from '../caller/records.ts';
import type { CredentialReason } from '../errors.ts';

/** The credential that was offered, as far as it is known; nothing for one that nobody has. */
export interface Whose {
  type?: CredentialRecord['source']['type'];
  id?: string;
  organizationId?: string;
}

export interface FailedExchange extends Whose {
  /** As it was answered: a wrong password and an inactive API user are both `unknown`. */
  reason: CredentialReason;
  /** Empty where it is not known. */
  address: string;
  /** In words, where more is known than is answered. */
  why?: string;
}

/** A proof that did not hold, and whose it would have been. */
export interface FailedProof {
  reason: CredentialReason;
  whose: Whose;
  /** In words for the operator. */
  why?: string;
}

export function failedProof(reason: CredentialReason, whose: Whose = {}, why?: string): FailedProof {
  return { reason, whose, ...(why !== undefined && { why }) };
}

/** What is told of it. */
export function toldOf({ whose, ...failure }: FailedProof, address: string): FailedExchange {
  return { ...whose, ...failure, address };
}

/** Whose a credential is, without its name. */
export function whose({ source, organization }: CredentialRecord): Whose {
  return { ...source, organizationId: organization.id };
}
