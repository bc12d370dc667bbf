// Verdicts in the three kinds that one looks at first.

import type { UsageRow } from '@keyward/sdk/wire';

export type Kind = 'allowed' | 'refused' | 'limited';

export function kindOf(verdict: string | undefined): Kind {
  if (verdict === 'allowed') return 'allowed';
  return verdict === 'rate_limited' ? 'limited' : 'refused';
}

export function sumOf(rows: readonly Pick<UsageRow, 'calls'>[]): number {
  return rows.reduce((sum, { calls }) => sum + calls, 0);
}
