// What verifiers have found wrong with themselves, as they told this node: in memory, of so many of them. And how often each may tell.

/** As they tell of it; that its clock is wrong is found here. */
export type FindingKind = 'feed_late' | 'unknown_key' | 'clock_skew';

export interface Finding {
  kind: FindingKind;
  /** Since it was first told of. */
  count: number;
  /** When it was told of last. */
  at: number;
}

export interface VerifierFindings {
  /** False for a credential whose verifiers report too often. */
  mayReport(callerId: string, now: number): boolean;
  note(organizationId: string, verifier: string, findings: readonly Omit<Finding, 'at'>[], now: number): void;
  /** Of the last day. */
  of(organizationId: string, verifier: string, now: number): readonly Finding[];
}

const mostRemembered = 1000;
const rememberedMs = 24 * 3_600_000;
/** Of all verifiers that share a credential. */
const reportsPerWindow = 200;
const windowMs = 10_000;

export function createVerifierFindings(): VerifierFindings {
  const known = new Map<string, Finding[]>();
  const windows = new Map<string, { began: number; reports: number }>();
  const nameOf = (organizationId: string, verifier: string) => `${organizationId} ${verifier}`;
  return {
    mayReport(callerId, now) {
      let window = windows.get(callerId);
      if (window === undefined || now - window.began >= windowMs) {
        if (windows.size >= mostRemembered) windows.clear();
        window = { began: now, reports: 0 };
        windows.set(callerId, window);
      }
      window.reports += 1;
      return window.reports <= reportsPerWindow;
    },
    note(organizationId, verifier, findings, now) {
      if (findings.length === 0) return;
      const name = nameOf(organizationId, verifier);
      const before = known.get(name) ?? [];
      // Whoever was told of last goes last.
      known.delete(name);
      const [oldest] = known.keys();
      if (known.size >= mostRemembered && oldest !== undefined) known.delete(oldest);
      const told = new Map(before.map((one) => [one.kind, one]));
      for (const { kind, count } of findings) {
        told.set(kind, { kind, count: (told.get(kind)?.count ?? 0) + count, at: now });
      }
      known.set(name, [...told.values()]);
    },
    of: (organizationId, verifier, now) =>
      (known.get(nameOf(organizationId, verifier)) ?? []).filter(({ at }) => now - at < rememberedMs),
  };
}

/** The ports of what reads them. */
export interface FindingPorts {
  findings: Pick<VerifierFindings, 'of'>;
}
