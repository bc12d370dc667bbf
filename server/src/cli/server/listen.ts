// Starts to listen, and says in plain words why it cannot be opened.

import type { Config } from '../../config/config.ts';
import type { Server } from '../installation/server-module.ts';
import { CommandError } from '../terminal/command-error.ts';

/** Resolves with the public address. Closes the server and throws CommandError where it cannot listen. */
export async function listen(server: Server, config: Config): Promise<string> {
  try {
    return await server.listen();
  } catch (error) {
    await server.close();
    const code = error instanceof Error && 'code' in error ? error.code : null;
    const remedy = typeof code === 'string' ? remedies[code] : undefined;
    if (remedy === undefined) throw error;
    throw new CommandError(
      `Keyward cannot listen on ${config.host}, port ${config.port}: ${remedy[0]}.`,
      remedy[1],
      1,
      error,
    );
  }
}

const remedies: Readonly<Record<string, readonly [string, string]>> = {
  EADDRINUSE: [
    'the port is taken',
    'Stop the program that has it, or choose another: --port 9000 (0 takes a free one).',
  ],
  EACCES: ['that is not allowed', 'Ports below 1024 often need special rights: choose another with --port.'],
  EADDRNOTAVAIL: ['this machine does not have that address', 'Choose another with --host; 0.0.0.0 means all of them.'],
  EAFNOSUPPORT: ['this machine does not speak that kind of address', 'Choose another with --host, such as 127.0.0.1.'],
  EINVAL: ['that is no address to listen on', 'Choose another with --host, such as 127.0.0.1.'],
  EAI_AGAIN: ['the host cannot be looked up right now', 'Choose an address with --host; 0.0.0.0 means all addresses.'],
  ENOTFOUND: ['there is no such host', 'Choose another with --host; 0.0.0.0 means all addresses.'],
};
