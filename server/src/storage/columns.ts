// Columns that several tables have (schema.ts has the rules for them).

export interface LifecycleColumns {
  deactivated_at: number | null;
  deleted_at: number | null;
  generation: number;
  cut_off_generation: number;
  /** Since when a restore has it suspended. It is deactivated too: since then, unless it was before. */
  suspended_at: number | null;
}

/** Name and description (or e-mail, or username) as they are searched. */
export interface SearchColumns {
  folded_name: string;
  folded_text: string;
  /** What it is sorted by (core/collation.ts); empty in rows that a node of an older version has added. */
  sort_name: string;
}
