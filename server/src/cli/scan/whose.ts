// Whose the tokens are that were found: asked of a server with what may be shown of them, so that no secret leaves this machine.

import type { LookupResult, Token } from '@keyward/sdk/wire';
import { ask, type Client } from '../client/client.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Finding } from './found.ts';

/** What a server says of a token. */
export interface Whose {
  name: string;
  owner: string;
  organization: string | null;
  state: string;
  stateReason: string | null;
  /** The server has another secret for it now: what was found is from before a rotation. */
  isReplaced: boolean;
}

const atOnce = 8;

/** By the id of the token, as far as whoever asks may see it. */
export async function whoseAre(client: Client, findings: readonly Finding[]): Promise<ReadonlyMap<string, Whose>> {
  const waiting = [...new Map(findings.map((one) => [one.secret, one])).values()];
  const known = new Map<string, Whose>();
  const work = async () => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const whose = (await byShown(client, one)) ?? (await byId(client, one));
      if (whose !== null) known.set(one.id, whose);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return known;
}

async function byShown(client: Client, { shown, secret, id }: Finding): Promise<Whose | null> {
  const start = shown.slice(0, shown.indexOf('_') + 9);
  const body = { start, lastFour: secret.slice(-4) };
  const { items } = await ask<LookupResult>(client, 'POST', '/v1/lookup', { body });
  const found = items.find((item) => item.id === id);
  if (found === undefined) return null;
  const { name, owner, organization, state, stateReason } = found;
  return { name, owner: owner.name, organization: organization.name, state, stateReason, isReplaced: false };
}

/** One that was rotated is found by its id, which stays. */
async function byId(client: Client, { id }: Finding): Promise<Whose | null> {
  try {
    const { name, owner, state, stateReason } = await ask<Token>(client, 'GET', `/v1/tokens/${id}`);
    return { name, owner: owner.name, organization: null, state, stateReason, isReplaced: true };
  } catch (error) {
    if (error instanceof CommandError && isAbsent(error.problem)) return null;
    throw error;
  }
}

function isAbsent(problem: unknown): boolean {
  const status = (problem as { status?: unknown } | null | undefined)?.status;
  return status === 404 || status === 403;
}
