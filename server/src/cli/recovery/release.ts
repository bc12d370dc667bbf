// `keyward restore release`: ends the suspension of all or some of what a restore has suspended, at a running server or, with
// --data, in the database of this machine.

import type { Released, SuspendedCounts } from '@keyward/sdk/wire';
import { ask } from '../client/client.ts';
import type { Call, Verb } from '../grammar/noun.ts';
import { misuse } from '../terminal/command-error.ts';
import { confirmed } from '../terminal/prompt.ts';
import { tell } from '../terminal/terminal.ts';

const lists = { token: 'apiTokens', apiUser: 'apiUsers', user: 'users', application: 'applications' } as const;

export const release: Verb = {
  name: 'release',
  summary: 'let what a restore has suspended work again',
  examples: [
    'keyward restore release --all --yes',
    'keyward restore release --of acme --yes',
    'keyward restore release --token 0198c5f2-6c1e-7d0a-9f57-3f2f6a1f2b11 --yes',
  ],
  options: [
    { flag: '--all', help: 'everything' },
    { flag: '--of <organization>', help: 'everything of this organization: its name or id' },
    { flag: '--token <id>', help: 'this API token', isMany: true },
    { flag: '--api-user <id>', help: 'this API user', isMany: true },
    { flag: '--user <id>', help: 'this user', isMany: true },
    { flag: '--application <id>', help: 'this application', isMany: true },
    { flag: '--yes', help: 'do not ask' },
  ],
  routes: ['GET /v1/suspensions', 'POST /v1/suspensions/release'],
  async run(call) {
    const { terminal, json, options } = call;
    const body = bodyOf(call);
    const client = await call.client();
    if (options.yes !== true && body.all === true) {
      const now = await ask<SuspendedCounts>(client, 'GET', '/v1/suspensions');
      await confirmed(terminal, false, `Release everything: ${textOf(now) ?? 'nothing is suspended'}?`);
    }
    const answer = await ask<Released>(client, 'POST', '/v1/suspensions/release', { body });
    const left = textOf(answer.left);
    const rest = left === null ? 'Nothing stands suspended any more.' : `Still suspended: ${left}.`;
    tell(terminal, json, answer, `Released ${textOf(answer.released) ?? 'nothing'}. ${rest}`);
  },
};

function bodyOf({ options }: Call): Record<string, unknown> {
  const named = Object.entries(lists).flatMap(([option, member]) =>
    Array.isArray(options[option]) ? [[member, options[option]] as const] : [],
  );
  const ways = [options.all === true, typeof options.of === 'string', named.length > 0].filter((way) => way).length;
  if (ways !== 1) throw misuse('Say what to release: --all, --of an organization, or what by its id.');
  if (options.all === true) return { all: true };
  return typeof options.of === 'string' ? { organization: options.of } : Object.fromEntries(named);
}

/** Null for nothing. */
function textOf(counts: SuspendedCounts): string | null {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? null : some.map(([noun, count]) => textOfOne(noun, count)).join(', ');
}

function textOfOne(noun: string, count: number): string {
  const many = words[noun] ?? noun;
  return `${count} ${count === 1 ? many.slice(0, -1) : many}`;
}

const words: Readonly<Record<string, string>> = { apiUsers: 'API users', apiTokens: 'API tokens' };
