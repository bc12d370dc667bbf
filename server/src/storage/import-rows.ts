// The tables of what is imported, as the queries see them.

export interface ImportRecipeRow {
  id: string;
  organization_id: string;
  name: string;
  /** JSON. */
  rules: string;
  sealed_pepper: string | null;
  created_at: number;
  created_by: string;
}

export interface ImportedSecretRow {
  lookup_key: string;
  token_id: string;
  organization_id: string;
  recipe_id: string;
  hash: string | null;
  salt: string | null;
  fingerprint: string;
}
