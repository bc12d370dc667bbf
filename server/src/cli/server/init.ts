// `keyward init`: the first organization and its owner. There is no default password, and it works only once.

import type { Command } from 'commander';
import type { SetUpRequest } from '../../core/identity/set-up.ts';
import { isFilled } from '../demo/data.ts';
import { refuseDemoFolder, refuseDemoStore } from '../demo/file.ts';
import { loadServerModule } from '../installation/server-module.ts';
import { addSettingFlags, configFrom } from '../installation/setting-flags.ts';
import { CommandError } from '../terminal/command-error.ts';
import { password, textOrAsk } from '../terminal/prompt.ts';
import { type Terminal, tell } from '../terminal/terminal.ts';

export function addInit(program: Command, terminal: Terminal): void {
  const command = program
    .command('init')
    .description('create the first organization and its owner')
    .option('--organization <name>', 'lower-case letters, digits, - and _')
    .option('--email <address>', 'what the owner signs in with')
    .option('--name <name>', "the owner's name; default: the e-mail address")
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'answer in JSON')
    .action(async (options) => {
      const config = configFrom(options, terminal);
      refuseDemoFolder(config);
      const { assemble } = await loadServerModule();
      const server = await assemble(config, { demo: false });
      await refuseDemoStore(server, config);
      try {
        if (await isFilled(server.store)) throw alreadyOwned();
        const { organization, owner } = await server.core.createFirstOrganization(await askOwner(options, terminal));
        tell(
          terminal,
          options.json,
          {
            organization: { id: organization.id, name: organization.name },
            user: { id: owner.id, email: owner.email },
          },
          `The organization ${organization.name} and its owner ${owner.email} are ready. Start the server: keyward serve`,
        );
      } finally {
        await server.close();
      }
    });
  addSettingFlags(command, ['data']);
}

function alreadyOwned(): CommandError {
  return new CommandError(
    'This server has an owner already, so init changes nothing.',
    'Sign in as that owner, or choose another folder with --data.',
  );
}

async function askOwner(options: Record<string, string | true>, terminal: Terminal): Promise<SetUpRequest> {
  const given = (option: string) => (typeof options[option] === 'string' ? options[option] : undefined);
  const organization = await textOrAsk(terminal, given('organization'), 'Name of the organization', '--organization');
  const email = await textOrAsk(terminal, given('email'), 'E-mail address of its owner', '--email');
  const secret = await password(terminal, options.passwordStdin === true, true);
  return { organization, email, name: given('name') ?? email, password: secret };
}
