// Lifecycle: whether something that can be cut off still counts, and which generation of its access tokens does.
// Shared by organizations, users, API users and API tokens; how it is stored belongs to storage.

/** Times are integer milliseconds since the epoch, null while the thing has not happened. */
export interface Lifecycle {
  deactivatedAt: number | null;
  deletedAt: number | null;
  /** Grows with every deactivation, deletion and password change; an access token of an older generation is dead. */
  generation: number;
  /** The oldest generation of which tokens that outlive a deactivation are still honoured. Grows with a cut-off. */
  cutOffGeneration: number;
  /** Set while it stands suspended after a restore. It is deactivated too, and nobody but the operator releases it. */
  suspendedAt?: number;
}

export function isActive(lifecycle: Lifecycle): boolean {
  return lifecycle.deactivatedAt === null && lifecycle.deletedAt === null;
}

export const newLifecycle: Lifecycle = { deactivatedAt: null, deletedAt: null, generation: 0, cutOffGeneration: 0 };
