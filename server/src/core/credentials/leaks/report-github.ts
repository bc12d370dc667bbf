// The matches of a report that GitHub signed, each at its own place. A report that is sent again is answered as before and is no news:
// whoever has a copy of one fills no journal with it. That GitHub signed it is asked before (github.ts).

import { digestOf } from '../../secret.ts';
import type { GitHubKeys } from './github.ts';
import { type LeakPorts, reportLeaks } from './report.ts';

export interface GitHubMatch {
  token: string;
  url: string;
  source: string;
}

/** Of each match in the order sent: whether it is a token that this server made and still knows, ended or not. */
export async function reportGitHubMatches(
  ports: LeakPorts & { gitHubKeys: Pick<GitHubKeys, 'cameBefore' | 'answered'> | null },
  body: Buffer,
  matches: readonly GitHubMatch[],
): Promise<boolean[]> {
  const digest = digestOf(body.toString('latin1'));
  const isAgain = ports.gitHubKeys?.cameBefore(digest) === true;
  const known: boolean[] = [];
  for (const { token, url, source } of matches) {
    const [found] = await reportLeaks(ports, { by: 'github', isAgain }, { tokens: [token], url, source });
    known.push(found?.isKnown === true);
  }
  ports.gitHubKeys?.answered(digest);
  return known;
}
