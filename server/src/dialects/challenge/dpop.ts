// What whoever calls with a bound access token is told beside a dialect's own words (RFC 9449 sections 7 to 9). What is wrong
// is core's to say.

import { proofAlgorithms } from '@keyward/rules/dpop/proof-key';
import type { Refusal } from '../../core/caller/refusal.ts';
import type { Answer } from '../dialect.ts';

const scheme = `DPoP algs="${proofAlgorithms.join(' ')}"`;

/** A refusal as its dialect words it; where a key must be shown, in the words of RFC 9449 beside it. */
export function challenged(answer: Answer, { reason, proofFault }: Pick<Refusal, 'reason' | 'proofFault'>): Answer {
  const error = errors[reason];
  if (error === undefined) return answer;
  const description = proofFault === undefined ? '' : `, error_description="${proofFault}"`;
  const [metadata = ''] = /, resource_metadata="[^"]*"/.exec(answer.headers?.['www-authenticate'] ?? '') ?? [];
  const headers = { ...answer.headers, 'www-authenticate': `${scheme}, error="${error}"${description}${metadata}` };
  return { ...answer, headers };
}

/** Keyward's own challenge to bearers, for who called with the DPoP scheme; any other stays as it is. */
export function asDpopChallenge(challenge: string): string {
  return challenge.replace(/^Bearer(?: realm="keyward"|$)/, scheme);
}

/** Section 12.2. */
const errors: Readonly<Partial<Record<Refusal['reason'], string>>> = {
  wrong_key: 'invalid_token',
  invalid_proof: 'invalid_dpop_proof',
  nonce_required: 'use_dpop_nonce',
};
