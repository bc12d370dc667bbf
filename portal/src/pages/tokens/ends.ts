// When a token shall end: a choice from a few, or a day, in the viewer's own zone. The words are words/tokens.ts's.

export interface Ends {
  /** `keep` only where there is an end already. */
  choice: '30' | '90' | '365' | 'never' | 'date' | 'keep';
  /** `YYYY-MM-DD`, with `date`. */
  day: string;
}

/** The time to send, null for never, undefined for what cannot be sent: no day was chosen. */
export function endOf({ choice, day }: Ends, now = Date.now()): string | null | undefined {
  if (choice === 'never' || choice === 'keep') return null;
  if (choice !== 'date') return new Date(now + Number(choice) * 86_400_000).toISOString();
  // Without a zone it is read in the viewer's own.
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

/** Today as a date input wants it, in the viewer's own zone. */
export function today(now = new Date()): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
