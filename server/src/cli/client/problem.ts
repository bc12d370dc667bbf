// What a server says when it refuses, as a sentence and what to do about it. Its words are for people already; here they are
// given the names that the command line has for things.

import { CommandError } from '../terminal/command-error.ts';
import { plain } from '../terminal/terminal.ts';
import type { Client } from './contract.ts';

interface Problem {
  type?: unknown;
  title?: unknown;
  detail?: unknown;
  errors?: unknown;
  permissions?: unknown;
}

type Asked = Pick<Client, 'where' | 'who' | 'signIn' | 'isLocal'>;

/** The error for an answer that is no success; `text` is its body. */
export function problemError(client: Asked, response: Response, text: string): CommandError {
  const problem = problemIn(text);
  const { status } = response;
  const code = codeOf(problem);
  const said = problem?.detail ?? problem?.title;
  if (problem === null || typeof said !== 'string') {
    const hint = 'Is that the address of a Keyward server?';
    return new CommandError(`${client.where} answered ${status}.`, hint, 1, undefined, problem ?? undefined);
  }
  const message = status === 401 ? `${client.where} did not take ${client.who}.` : plain(said);
  const hint = hintFor(client, status, code, problem, response.headers.get('retry-after'));
  const exitCode = status === 400 ? 2 : 1;
  return new CommandError(message, hint, exitCode, undefined, problem);
}

/** The last part of a problem's type, which is for programs; empty where there is none. */
export function codeOf(problem: { type?: unknown } | null): string {
  return typeof problem?.type === 'string' ? (problem.type.split('/').pop() ?? '') : '';
}

function hintFor(
  client: Asked,
  status: number,
  code: string,
  problem: Problem,
  retryAfter: string | null,
): string | null {
  if (status === 401) return client.signIn;
  if (code === 'confirmation_required') return client.signIn;
  if (status === 403) return lacking(client, problem);
  if (status === 400) return mistakes(problem);
  if (code === 'conflict') return null;
  if (status === 429 || status === 503) return `Try again${retryAfter === null ? ' later' : ` in ${retryAfter} s`}.`;
  if (status >= 500) return 'Tell whoever runs the server: its log has the cause.';
  return null;
}

function lacking({ who, isLocal }: Asked, { permissions }: Problem): string | null {
  if (isLocal || !Array.isArray(permissions) || permissions.length === 0) return null;
  const names = permissions.map((one) => plain(String(one))).join(', ');
  return `It takes ${names}, which ${who} does not hold here.`;
}

/** What is wrong where, in a line each, unless the sentence said it. */
function mistakes({ errors, detail }: Problem): string | null {
  if (!Array.isArray(errors) || errors.length < 2) return null;
  const lines = (errors as { at?: unknown; message?: unknown }[])
    .map(({ at, message }) => `${String(at).replace(/^\/(?:body|query)\/?/, '')} ${String(message)}`)
    .filter((line) => !String(detail).includes(line));
  return lines.length === 0 ? null : lines.map(plain).join('\n');
}

function problemIn(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Problem) : null;
  } catch {
    return null;
  }
}
