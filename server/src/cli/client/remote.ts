// Keyward's API at a server, through the SDK's client, as any program would use it. It follows no redirect: a credential goes
// to the address that was named, and nowhere else.

import { createClient, KeywardError } from '@keyward/sdk';
import about from '../../../package.json' with { type: 'json' };
import { CommandError } from '../terminal/command-error.ts';
import { type Client, targetOf } from './client.ts';
import { codeOf } from './problem.ts';

export interface RemotePlace {
  url: string;
  token: string;
  who: string;
  signIn: string | null;
}

/** Throws CommandError for an address that a credential cannot go to. */
export function openRemote({ url, token, who, signIn }: RemotePlace): Client {
  const clientFor = (exchange: 'none' | 'native') => {
    try {
      return createClient({ url, credential: { apiToken: token }, exchange });
    } catch (error) {
      throw new CommandError(error instanceof Error ? error.message : String(error), null, 2, error);
    }
  };
  let sdk = clientFor('none');
  const sent = async (target: string, init: RequestInit) => {
    try {
      return await sdk.fetch(target, { ...init, redirect: 'manual' });
    } catch (error) {
      throw inWords(url, error);
    }
  };
  return {
    where: url,
    isLocal: false,
    who,
    signIn,
    async send(method, path, { query, body, headers } = {}) {
      const init: RequestInit = {
        method,
        headers: {
          'user-agent': `keyward/${about.version}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      const target = targetOf(path, query);
      const response = await sent(target, init);
      if (response.status !== 401 || !(await isForExchange(response))) return response;
      sdk.close();
      sdk = clientFor('native');
      return sent(target, init);
    },
    async close() {
      sdk.close();
    },
  };
}

/** Whether the API token was refused for no other reason than that it is to be exchanged first. */
async function isForExchange(response: Response): Promise<boolean> {
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as { type?: unknown } | null;
  return codeOf(problem) === 'exchange_only_credential';
}

function inWords(url: string, error: unknown): CommandError {
  if (error instanceof KeywardError && error.code !== 'unavailable')
    return new CommandError(error.message, null, 1, error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  const hint = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
    ? 'Its certificate is not trusted here; NODE_EXTRA_CA_CERTS can name the authority that issued it.'
    : 'Is it running, and is the address right? On its own machine, while it is down: --data <folder>';
  return new CommandError(`${url} cannot be reached${code}.`, hint, 1, error);
}
