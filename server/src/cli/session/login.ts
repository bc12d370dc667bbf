// `keyward login`: begins a session of a person, kept as an access token in the credentials file. It talks to a server over
// HTTP like any client. Signing in is for a browser, unless somebody has or wants to type a password.

import type { Command } from 'commander';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { password as takePassword, textOrAsk } from '../terminal/prompt.ts';
import { isInteractive, plain, type Terminal, tell } from '../terminal/terminal.ts';
import { endSession, fetchSelf, type SignedIn, signIn } from './api-client.ts';
import { credentialsPath, profileName, readCredentials, writeCredentials } from './credentials-file.ts';
import { type ShownCode, signInByDevice } from './device-sign-in.ts';

export function addLogin(program: Command, terminal: Terminal): void {
  const path = () => credentialsPath(terminal.environment);
  program
    .command('login')
    .description('sign in to a server and keep its token')
    .option('--url <url>', 'address of the server; default: the one signed in to last')
    .option('--with-password', 'type the password here; without this or the next ones, sign in by a browser')
    .option('--password-stdin', 'read the password from standard input')
    .option('--email <address>', 'who you are, with a password')
    .option('--code <code>', 'of your second factor, if you have one, with a password')
    .option('--profile <name>', 'keep it under this name, as one of several (KEYWARD_PROFILE)')
    .option('--json', 'answer in JSON')
    .action(async (options: LoginOptions) => {
      const profile = profileName(options.profile, terminal.environment);
      const before = readCredentials(path(), profile);
      const last = before?.url ?? undefined;
      const known = options.url ?? (isInteractive(terminal) ? undefined : last);
      const suggested = last ?? 'http://127.0.0.1:8080';
      const given = await textOrAsk(terminal, known, 'Address of the server', '--url', suggested);
      const url = originOf(given);
      const { token, expiresAt, user } = await signInAsAsked(terminal, url, options);
      writeCredentials(path(), { token, userid: user.id, url }, profile);
      // Nobody has the one from before any more who could end it; that of another server, which may be away, is left alone.
      if (before !== null && before.url === url) await endSession(url, before.token).catch(() => undefined);
      const text = `Signed in to ${url} as ${plain(user.email)} until ${plain(expiresAt)}. The token is in ${path()}.`;
      tell(terminal, options.json, { url, user, expiresAt, credentials: path() }, text);
    });
}

interface LoginOptions {
  profile?: string;
  url?: string;
  withPassword?: true;
  passwordStdin?: true;
  email?: string;
  code?: string;
  json?: true;
}

/** By a password where anything that belongs to one is given, as it always was; else by a browser. */
async function signInAsAsked(
  terminal: Terminal,
  url: string,
  options: LoginOptions,
): Promise<Omit<SignedIn, 'user'> & { user: Omit<SignedIn['user'], 'name'> }> {
  const { withPassword, passwordStdin, email: given, code, json } = options;
  if ([withPassword, passwordStdin, given, code].some((one) => one !== undefined)) {
    const email = await textOrAsk(terminal, given, 'E-mail address', '--email');
    const password = await takePassword(terminal, passwordStdin);
    return signInWithCode(terminal, url, { email, password }, code);
  }
  const { token, expiresAt } = await signInByDevice(url, (shown) => terminal.errors.write(`${toShow(shown, json)}\n`));
  const { id, name } = await fetchSelf(url, token);
  return { token, expiresAt, user: { id, email: name } };
}

/** Beside the result, which can be piped. */
function toShow(shown: ShownCode, json: true | undefined): string {
  if (json === true) return JSON.stringify(shown);
  const { userCode, verificationUri, verificationUriComplete, expiresInSeconds } = shown;
  const complete = plain(verificationUriComplete);
  return [
    `To sign in, open ${complete}`,
    `in a browser, here or on another device; or ${plain(verificationUri)} and type the code.`,
    `The page must show this code: ${plain(userCode)}`,
    `Waiting for ${Math.ceil(expiresInSeconds / 60)} minutes at most …`,
  ].join('\n');
}

/** Asks for the code of a second factor where there is one, which only the right password tells. */
async function signInWithCode(
  terminal: Terminal,
  url: string,
  credentials: { email: string; password: string },
  given: string | undefined,
): Promise<SignedIn> {
  const first = await signIn(url, given === undefined ? credentials : { ...credentials, code: given });
  if (first !== 'code_needed') return first;
  const code = await textOrAsk(terminal, undefined, 'Code of your second factor', '--code');
  const second = await signIn(url, { ...credentials, code });
  if (second !== 'code_needed') return second;
  throw new CommandError('The server asks for a code again.', 'Try again: keyward login');
}

// A password or a token goes over HTTPS, or stays on this machine.
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw misuse('This is not the address of a server.', 'Write it like https://auth.example.com');
  }
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback) {
    throw misuse('Nobody signs in over plain HTTP.', `Use https://${url.host}`);
  }
  return url.origin;
}
