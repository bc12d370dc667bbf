// `keyward whoami`: who the commands are asked as, at which server.

import type { Self } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Verb } from '../grammar/noun.ts';
import { plain } from '../terminal/terminal.ts';

export const whoami: Verb = {
  name: 'whoami',
  summary: 'show who is signed in',
  examples: ['keyward whoami', 'keyward whoami --profile staging --json'],
  routes: ['GET /v1/self'],
  async run(call) {
    const client = await call.client();
    const self = await ask<Self>(client, 'GET', '/v1/self');
    const { output } = call.terminal;
    output.write(call.json ? `${JSON.stringify(self)}\n` : `${sentence(self, client.where)}\n`);
  },
};

function sentence({ name, organization, expiresAt }: Self, where: string): string {
  const end = expiresAt === null ? '' : `, until ${plain(expiresAt)}`;
  return `${plain(name)} of ${plain(organization.name)} at ${where}${end}`;
}
