// `keyward init`: the first organization and its owner. There is no default password, and it works only once.

import type { Command } from 'commander';
import { systemIn } from '../core/caller.ts';
import { firstPage } from '../core/page.ts';
import { password, textOrAsk } from './ask.ts';
import { CommandError } from './command-error.ts';
import { loadMachine, type Server } from './machine.ts';
import { addSettingFlags, configFrom } from './setting-flags.ts';
import { type Terminal, tell } from './terminal.ts';

interface Owner {
  organization: string;
  email: string;
  name: string;
  password: string;
}

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
      const { assemble } = await loadMachine();
      const server = await assemble(configFrom(options, terminal), { demo: false });
      try {
        const unowned = await unownedOrganizations(server);
        const owner = await askOwner(options, terminal);
        const { organization, user } = await createOwner(server, owner, unowned);
        tell(
          terminal,
          options.json,
          { organization: { id: organization.id, name: organization.name }, user: { id: user.id, email: user.email } },
          `The organization ${organization.name} and its owner ${user.email} are ready. Start the server: keyward serve`,
        );
      } finally {
        await server.close();
      }
    });
  addSettingFlags(command, ['data']);
}

// An init that ended half-way leaves an organization with nobody in it: the next one clears it away.
async function unownedOrganizations({ store }: Server): Promise<string[]> {
  const { items } = await store.organizations.list(firstPage);
  for (const { id } of items) {
    const users = await store.users.list(id, { ...firstPage, limit: 1 });
    if (users.items.length === 0) continue;
    throw new CommandError(
      'This server has an owner already, so init changes nothing.',
      'Sign in as that owner, or choose another folder with --data.',
    );
  }
  return items.map(({ id }) => id);
}

async function askOwner(options: Record<string, string | true>, terminal: Terminal): Promise<Owner> {
  const given = (option: string) => (typeof options[option] === 'string' ? options[option] : undefined);
  const organization = await textOrAsk(terminal, given('organization'), 'Name of the organization', '--organization');
  const email = await textOrAsk(terminal, given('email'), 'E-mail address of its owner', '--email');
  const secret = await password(terminal, options.passwordStdin === true, true);
  return { organization, email, name: given('name') ?? email, password: secret };
}

async function createOwner({ core }: Server, owner: Owner, unowned: readonly string[]) {
  const { organization: name, ...user } = owner;
  for (const id of unowned) await core.deleteOrganization(systemIn(), id);
  const organization = await core.createOrganization(systemIn(), { name, isOperator: true });
  const created = await core.createUser(systemIn(organization), { ...user, role: 'owner' });
  return { organization, user: created.user };
}
