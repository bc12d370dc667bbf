// What is typed of an application, where it is registered and where it is changed.

/** What it is to prove itself by. */
export type Proof = 'secret' | 'keys' | 'public';

export interface ApplicationValues {
  proof: Proof;
  /** An address where keys are published, or the keys as JSON; nothing for none. */
  keys: string;
  name: string;
  grants: string[];
  /** One on each line. */
  redirectUris: string;
  permissions: string[];
  logoUrl: string;
}
