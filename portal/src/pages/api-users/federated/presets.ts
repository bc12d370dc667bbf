// Where programs run that bring tokens of their own, and what is usually asked of these. To be filled in: nothing is sent of it as it is.

import type { NewFederatedCredential } from '@keyward/sdk/wire';

type Conditions = NonNullable<NewFederatedCredential['conditions']>;

export type Preset = 'github' | 'gitlab' | 'kubernetes' | 'other';

/** Issuer and conditions, one a line. */
export const presets: Readonly<Record<Preset, { issuer: string; conditions: string }>> = {
  github: {
    issuer: 'https://token.actions.githubusercontent.com',
    conditions: 'repository = OWNER/REPOSITORY\nref = refs/heads/main',
  },
  gitlab: { issuer: 'https://gitlab.com', conditions: 'project_path = GROUP/PROJECT\nref_protected = true' },
  kubernetes: {
    issuer: 'https://kubernetes.default.svc.cluster.local',
    conditions: 'sub = system:serviceaccount:NAMESPACE:NAME',
  },
  other: { issuer: '', conditions: 'sub = ' },
};

/** The conditions of a text, one a line; or the line that is none. */
export function conditionsIn(text: string): { conditions: Conditions; wrong?: undefined } | { wrong: string } {
  const lines = text.split('\n').map((line) => line.trim());
  const read = lines.filter((line) => line !== '').map((line) => [line, /^(\S+)\s*=\s*(\S.*)$/.exec(line)] as const);
  const [wrong] = read.find(([, found]) => found === null) ?? [];
  if (wrong !== undefined) return { wrong };
  return { conditions: Object.fromEntries(read.map(([, found]) => [found?.[1] ?? '', found?.[2] ?? ''])) };
}
