// Where programs run that bring tokens of their own, and what must stand in these: made from a few words of whoever knows the
// program, and read from the text that they may have changed. Nothing is sent of it as it is.

import type { NewFederatedCredential } from '@keyward/sdk/wire';
import type { Preset } from '../../../words/federated-credentials.ts';

type Conditions = NonNullable<NewFederatedCredential['conditions']>;

export const issuers: Readonly<Record<Preset, string>> = {
  github: 'https://token.actions.githubusercontent.com',
  gitlab: 'https://gitlab.com',
  kubernetes: 'https://kubernetes.default.svc.cluster.local',
  other: '',
  key: '',
};

/** What was chosen: a repository, project or namespace; which of its runs; and their branch, environment or the like. */
export interface Choice {
  preset: Preset;
  place: string;
  which: string;
  detail: string;
}

/** The conditions, one a line. */
export function conditionsOf({ preset, place, which, detail }: Choice): string {
  const [where, of] = [place.trim(), detail.trim()];
  if (preset === 'kubernetes') return `sub = system:serviceaccount:${where}:${of}`;
  if (preset === 'github') {
    const lines = {
      branch: `ref = refs/heads/${of}`,
      tag: `ref = refs/tags/${of}`,
      environment: `environment = ${of}`,
    };
    return linesOf(`repository = ${where}`, lines[which as keyof typeof lines]);
  }
  if (preset === 'gitlab') {
    const lines = {
      protected: 'ref_protected = true',
      branch: `ref_type = branch\nref = ${of}`,
      environment: `environment = ${of}`,
    };
    return linesOf(`project_path = ${where}`, lines[which as keyof typeof lines]);
  }
  return preset === 'other' ? 'sub = ' : '';
}

/** The conditions of a text, one a line; or the line that is none. */
export function conditionsIn(text: string): { conditions: Conditions; wrong?: undefined } | { wrong: string } {
  const lines = text.split('\n').map((line) => line.trim());
  const read = lines.filter((line) => line !== '').map((line) => [line, /^(\S+)\s*=\s*(\S.*)$/.exec(line)] as const);
  const [wrong] = read.find(([, found]) => found === null) ?? [];
  if (wrong !== undefined) return { wrong };
  return { conditions: Object.fromEntries(read.map(([, found]) => [found?.[1] ?? '', found?.[2] ?? ''])) };
}

function linesOf(first: string, second: string | undefined): string {
  return second === undefined ? first : `${first}\n${second}`;
}
