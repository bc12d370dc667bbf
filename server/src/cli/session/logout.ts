// `keyward logout`: ends a sign-in at its server, so that no copy of its token works, and forgets it here, whatever the server
// says. It knows sessions of people alone: an API token lasts until somebody ends it.

import type { Command } from 'commander';
import { CommandError } from '../terminal/command-error.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';
import { endSession } from './api-client.ts';
import { type Credentials, credentialsPath, profileName, readKept, removeCredentials } from './credentials-file.ts';
import { nobody, signInFor } from './sign-in.ts';

export function addLogout(program: Command, terminal: Terminal): void {
  program
    .command('logout')
    .description('end the token at the server and forget it')
    .option('--profile <name>', 'of several sign-ins the one that is kept under this name (KEYWARD_PROFILE)')
    .option('--json', 'answer in JSON')
    .action(async ({ profile, json }: { profile?: string; json?: true }) => {
      const { environment } = terminal;
      const isFromEnvironment = profile === undefined && Boolean(environment.KEYWARD_TOKEN);
      const text = isFromEnvironment ? await endGiven(environment) : await forget(environment, profile);
      tell(terminal, json, { wasSignedIn: text !== null }, text ?? 'Nobody was signed in.');
    });
}

/**
 * Ends and forgets what is kept under this name; resolves with what became of it, for people, or null if nobody was signed in.
 * Throws CommandError for a name that was asked for and is not there, and where the token could not be ended.
 */
export async function forget(environment: NodeJS.ProcessEnv, given?: string): Promise<string | null> {
  const path = credentialsPath(environment);
  const profile = profileName(given, environment);
  const kept = readKept(path);
  const credentials = kept.profiles.get(profile);
  if (credentials === undefined) {
    if (given === undefined) return null;
    throw nobody(profile, kept);
  }
  removeCredentials(path, profile);
  return endKept(credentials);
}

/** What became of the token, for people. Throws CommandError where it could not be ended: then a copy of it still works. */
async function endKept({ url, token }: Credentials): Promise<string> {
  try {
    if (url === null) throw new CommandError('The credentials file did not say of which server the token is.');
    return (await endSession(url, token)) === 'ended'
      ? `Signed out of ${url}; no copy of the token works any more.`
      : 'Signed out; the token had ended already.';
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(
      `The token is removed from this machine, but could not be ended: ${error.message} A copy of it works until ${endOf(token)}.`,
      'To end it now, end its session in the portal under "Your account", or change your password.',
      1,
      error,
    );
  }
}

/** The same for the credential in KEYWARD_TOKEN, which can be ended and not forgotten. */
async function endGiven(environment: NodeJS.ProcessEnv): Promise<string> {
  const { url, token } = signInFor(environment, undefined);
  // A session's token is a JWT; what is none would be refused as if it had ended.
  const outcome = token.split('.').length === 3 ? await endSession(url, token) : 'no session';
  if (outcome === 'no session') {
    throw new CommandError(
      'KEYWARD_TOKEN holds no sign-in of a person, so there is nothing to sign out of.',
      'Unset it. To end an API token: keyward tokens deactivate. What is kept under a name: keyward logout --profile default',
    );
  }
  return outcome === 'ended'
    ? `Signed out of ${url}; no copy of the token works any more. Unset KEYWARD_TOKEN.`
    : 'The token in KEYWARD_TOKEN had ended already. Unset it.';
}

/** What a JWT says of itself; it is shown to people and believed by nobody. */
function endOf(token: string): string {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return new Date(exp * 1000).toISOString();
  } catch {
    return 'it ends by itself';
  }
}
