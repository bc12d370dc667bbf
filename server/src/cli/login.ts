// `keyward login`, `whoami` and `logout`: a session of a person, kept as an access token in the credentials file. They
// talk to a server over HTTP like any client.

import type { Command } from 'commander';
import { fetchSelf, type Self, type SignedIn, signIn } from './api-client.ts';
import { CommandError, misuse } from './command-error.ts';
import { credentialsPath, readCredentials, removeCredentials, writeCredentials } from './credentials-file.ts';
import { password as takePassword, textOrAsk } from './prompt.ts';
import { isInteractive, plain, type Terminal, tell } from './terminal.ts';

export function addLogin(program: Command, terminal: Terminal): void {
  const path = () => credentialsPath(terminal.environment);
  program
    .command('login')
    .description('sign in to a server and keep its token')
    .option('--url <url>', 'address of the server; default: the one signed in to last')
    .option('--email <address>', 'who you are')
    .option('--password-stdin', 'read the password from standard input')
    .option('--code <code>', 'of your second factor, if you have one')
    .option('--json', 'answer in JSON')
    .action(async (options) => {
      const last = readCredentials(path())?.url ?? undefined;
      const known = options.url ?? (isInteractive(terminal) ? undefined : last);
      const suggested = last ?? 'http://127.0.0.1:8080';
      const given = await textOrAsk(terminal, known, 'Address of the server', '--url', suggested);
      const url = originOf(given);
      const email = await textOrAsk(terminal, options.email, 'E-mail address', '--email');
      const password = await takePassword(terminal, options.passwordStdin);
      const { token, expiresAt, user } = await signInWithCode(terminal, url, { email, password }, options.code);
      writeCredentials(path(), { token, userid: user.id, url });
      const text = `Signed in to ${url} as ${plain(user.email)} until ${plain(expiresAt)}. The token is in ${path()}.`;
      tell(terminal, options.json, { url, user, expiresAt, credentials: path() }, text);
    });
  program
    .command('whoami')
    .description('show who is signed in')
    .option('--json', 'answer in JSON')
    .action(async (options) => {
      const credentials = readCredentials(path());
      if (credentials === null) throw new CommandError('Nobody is signed in.', 'Sign in: keyward login');
      const { url, token } = credentials;
      if (url === null) {
        throw new CommandError(
          `${path()} does not say of which server its token is.`,
          'Sign in: keyward login --url …',
        );
      }
      const self = await fetchSelf(url, token);
      tell(terminal, options.json, self, sentence(self, url));
    });
  program
    .command('logout')
    .description('forget the token')
    .option('--json', 'answer in JSON')
    .action((options) => {
      const wasSignedIn = readCredentials(path()) !== null;
      if (wasSignedIn) removeCredentials(path());
      const text = wasSignedIn
        ? 'Signed out; the token is removed from this machine. A copy of it works until it ends; a new password ends it at once.'
        : 'Nobody was signed in.';
      tell(terminal, options.json, { wasSignedIn }, text);
    });
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

function sentence(self: Self, url: string): string {
  const end = self.expiresAt === null ? '' : `, until ${plain(self.expiresAt)}`;
  return `${plain(self.name)} of ${plain(self.organization)} at ${url}${end}`;
}

// A password goes over HTTPS, or stays on this machine.
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw misuse('This is not the address of a server.', 'Write it like https://auth.example.com');
  }
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback) {
    throw misuse('A password is not sent over plain HTTP.', `Use https://${url.host}`);
  }
  return url.origin;
}
