// What an import of tokens answers, and a row on its way there.

import type { ApiToken } from '../credentials/records.ts';
import type { ReadSecret } from './token-row.ts';
import type { TokenTerms } from './token-terms.ts';

export interface Sample {
  /** False where verifiers would refuse it unasked. */
  hasShape: boolean;
  /** The line of the row that it is the secret of; null if it is of none in this batch. */
  line: number | null;
}

export interface Rejected {
  line: number;
  reason: 'invalid' | 'conflict' | 'forbidden';
  detail: string;
}

export interface ImportOutcome {
  added: number;
  /** There already, as the same of this organization. */
  present: number;
  rejected: Rejected[];
  samples: Sample[];
  /** The ids of those that were added. */
  tokens: string[];
}

/** A row that is in order by itself. */
export interface Prepared {
  line: number;
  secret: ReadSecret;
  /** As it would be kept; of rows that are alike `digest` is that of the first place. */
  token: ApiToken;
  terms: TokenTerms;
}
