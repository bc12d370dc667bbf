// With which sign-in a command asks a server: the credential in KEYWARD_TOKEN, else one that was kept under a name. It asks no
// server itself.

import { nearestWord } from '@keyward/rules/nearest-word';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { credentialsPath, defaultProfile, type Kept, profileName, readKept } from './credentials-file.ts';

export interface SignIn {
  /** An origin. */
  url: string;
  token: string;
  /** For messages: `the sign-in of the profile "default"`. */
  who: string;
  /** How to get another, for messages. */
  signIn: string;
  /** Null for a credential of the environment. */
  profile: string | null;
}

/** `given` is the `--profile` that was asked for, which wins over the environment. Throws CommandError where there is none. */
export function signInFor(environment: NodeJS.ProcessEnv, given: string | undefined): SignIn {
  const { KEYWARD_TOKEN: token, KEYWARD_URL: url } = environment;
  if (given === undefined && token) return ofEnvironment(environment, token, url);
  const profile = profileName(given, environment);
  const path = credentialsPath(environment);
  const kept = readKept(path);
  const credentials = kept.profiles.get(profile);
  if (credentials === undefined) throw nobody(profile, kept);
  const login = loginFor(profile);
  if (credentials.url === null) {
    throw new CommandError(`${path} does not say of which server its token is.`, `Sign in: ${login} --url …`);
  }
  // A sign-in is for its own server, and goes to no other.
  if (given === undefined && url && new URL(credentials.url).origin !== originOf(url)) {
    throw misuse(
      `KEYWARD_URL names another server than the profile ${JSON.stringify(profile)} is of.`,
      'Set KEYWARD_TOKEN as well, choose another with --profile, or unset KEYWARD_URL.',
    );
  }
  const who = `the sign-in of the profile ${JSON.stringify(profile)}`;
  return { url: credentials.url, token: credentials.token, who, signIn: `Sign in again: ${login}`, profile };
}

/** The command that signs in to a profile. */
export function loginFor(profile: string): string {
  return `keyward login${profile === defaultProfile ? '' : ` --profile ${profile}`}`;
}

/** For a profile that is not there: what is nearly called so, or what there is. */
export function nobody(profile: string, { profiles }: Kept): CommandError {
  const isOne = profile === defaultProfile;
  const names = [...profiles.keys()];
  const message = isOne ? 'Nobody is signed in.' : `There is no profile ${JSON.stringify(profile)}.`;
  const near = isOne ? undefined : nearestWord(profile, names);
  if (near !== undefined) return new CommandError(message, `Did you mean ${near}?`);
  const login = `Sign in: ${loginFor(profile)}.`;
  if (names.length > 0) {
    return new CommandError(
      message,
      `${login} Or use what there is (${names.join(', ')}): keyward profiles use ${names[0]}`,
    );
  }
  const others =
    "Or set KEYWARD_URL and KEYWARD_TOKEN; or, on the server's own machine while it is down, --data <folder>";
  return new CommandError(message, `${login} ${others}`);
}

function ofEnvironment(environment: NodeJS.ProcessEnv, token: string, given: string | undefined): SignIn {
  const url = given || readKept(credentialsPath(environment)).profiles.get(profileName(undefined, environment))?.url;
  if (!url) throw misuse('KEYWARD_TOKEN is set, and no server is named.', 'Set KEYWARD_URL to its address.');
  const signIn = 'KEYWARD_TOKEN holds it: is it whole, of this server, and still good?';
  return { url: originOf(url), token, who: 'the credential in KEYWARD_TOKEN', signIn, profile: null };
}

function originOf(url: string): string {
  if (URL.canParse(url)) return new URL(url).origin;
  throw misuse('KEYWARD_URL is not the address of a server.', 'Write it like https://auth.example.com');
}
