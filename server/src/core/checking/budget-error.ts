// A request that its budget does not let through, as an error: with where the budget stands, or who decided without it.

import { type ErrorCode, KeywardError, type KeywardErrorDetail } from '../errors.ts';
import type { Budget, WhenUnavailable } from './limit.ts';

export interface BudgetErrorDetail extends KeywardErrorDetail {
  /** With `too_many_requests`: the budget that is spent. */
  budget?: Budget;
  /** With `unavailable`, where a budget could not be counted: the policy of its plan that refused (limit.ts). */
  decidedBy?: WhenUnavailable;
}

export class BudgetError extends KeywardError {
  declare readonly detail: BudgetErrorDetail;

  constructor(
    code: Extract<ErrorCode, 'too_many_requests' | 'unavailable'>,
    message: string,
    detail: BudgetErrorDetail,
  ) {
    super(code, message, detail);
  }
}

/** What an error says of a budget; nothing for any other error. */
export function budgetDetailOf(error: KeywardError): Pick<BudgetErrorDetail, 'budget' | 'decidedBy'> {
  return error instanceof BudgetError ? error.detail : {};
}
