// What a scan found, as people and programs want it: lines, JSON, SARIF. No secret is in any of them.

import about from '../../../package.json' with { type: 'json' };
import { styled } from '../terminal/style.ts';
import { plain, type Terminal } from '../terminal/terminal.ts';
import type { Finding, Unread } from './found.ts';
import type { Ended } from './revoke.ts';
import type { Whose } from './whose.ts';

export interface Scanned {
  findings: readonly Finding[];
  unread: readonly Unread[];
  files: number;
  bytes: number;
  /** By the id of the token; empty where nobody was asked. */
  whose: ReadonlyMap<string, Whose>;
  ended: ReadonlyMap<string, Ended>;
}

export const formats = ['text', 'json', 'sarif'] as const;
export type Format = (typeof formats)[number];

export function reportOf(terminal: Terminal, format: Format, scanned: Scanned): string {
  if (format === 'json') return `${JSON.stringify(asJson(scanned))}\n`;
  if (format === 'sarif') return `${JSON.stringify(asSarif(scanned))}\n`;
  return scanned.findings.map((one) => lineOf(terminal, one, scanned)).join('');
}

function lineOf(terminal: Terminal, finding: Finding, { whose, ended }: Scanned): string {
  const { path, line, column, git, shown, id } = finding;
  const commit = git?.commit ? ` (commit ${git.commit.slice(0, 12)})` : '';
  const what = [aboutOf(whose.get(id)), wordsOf(ended.get(id))].filter((text) => text !== '').join('; ');
  const place = styled(terminal, 'bold', `${plain(path)}:${line}:${column}`);
  return `${place}${commit}: ${styled(terminal, 'red', shown)}${what === '' ? '' : ` ${what}`}\n`;
}

function aboutOf(whose: Whose | undefined): string {
  if (whose === undefined) return '';
  const { name, owner, organization, state, stateReason, isReplaced } = whose;
  const where = organization === null ? '' : ` in ${organization}`;
  const is = isReplaced ? 'rotated since' : stateReason === null ? state : `${state} (${stateReason})`;
  return plain(`“${name}” of ${owner}${where}: ${is}`);
}

function wordsOf(ended: Ended | undefined): string {
  if (ended === undefined) return '';
  const { result, endsAt } = ended;
  if (result === 'ended') return 'ended now';
  if (result === 'shortened') return `ends at ${endsAt}`;
  return result === 'reported' ? 'reported; its organization lets it go on' : 'not in force there';
}

function asJson({ findings, unread, files, bytes, whose, ended }: Scanned) {
  const found = findings.map(({ secret: _, shown, ...place }) => ({
    ...place,
    token: shown,
    whose: whose.get(place.id) ?? null,
    ...(ended.size > 0 && { outcome: ended.get(place.id) ?? null }),
  }));
  return { found, unread, scanned: { files, bytes } };
}

const rule = 'keyward-api-token';

/** SARIF 2.1.0, as code scanning of GitHub and others takes it. */
function asSarif(scanned: Scanned) {
  const { findings, unread } = scanned;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'keyward',
            version: about.version,
            semanticVersion: about.version,
            rules: [
              {
                id: rule,
                name: 'KeywardApiToken',
                shortDescription: { text: 'An API token of Keyward' },
                fullDescription: {
                  text: 'An API token stands where others may read it. Its checksum says that it is one.',
                },
                help: {
                  text: 'End it with keyward scan --revoke, make another, and keep that where secrets are kept.',
                },
                defaultConfiguration: { level: 'error' },
                properties: { tags: ['security'], 'security-severity': '9.0' },
              },
            ],
          },
        },
        columnKind: 'unicodeCodePoints',
        invocations: [
          {
            executionSuccessful: unread.length === 0,
            toolExecutionNotifications: unread.map(({ path, why }) => ({
              level: 'error',
              message: { text: `${path} was not looked at: ${why}.` },
            })),
          },
        ],
        results: findings.map((one) => resultOf(one, scanned)),
      },
    ],
  };
}

function resultOf({ path, line, column, secret, git, shown, publicId, id }: Finding, { whose }: Scanned) {
  const about = aboutOf(whose.get(id));
  const text = `The API token ${shown} stands here${about === '' ? '' : `: ${about}`}.`;
  return {
    ruleId: rule,
    ruleIndex: 0,
    level: 'error',
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(path) },
          region: { startLine: line, startColumn: column, endColumn: column + secret.length },
        },
      },
    ],
    partialFingerprints: { 'keywardPublicId/v1': publicId },
    ...(git !== undefined && {
      properties: { gitObject: git.object, ...(git.commit !== null && { commit: git.commit }) },
    }),
  };
}

/** Relative to wherever the scan began; what begins at the root is a file's address. */
function uriOf(path: string): string {
  if (path === '-') return 'stdin';
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
