// `keyward advise`: what credentials hold and do not need, the riskiest first; with --apply the API tokens among them are left
// with what they used.

import type { Advice, AdviceFinding, ApiUserAdvice } from '@keyward/sdk/wire';
import { ask, type Client, items, pages } from '../client/client.ts';
import { find, nameOf } from '../grammar/named.ts';
import { type Call, text, type Verb } from '../grammar/noun.ts';
import { asObservation } from '../grammar/readings.ts';
import { type Column, note, showPages, showRecord } from '../grammar/show.ts';
import { agreed, isRehearsal } from '../grammar/verbs.ts';
import { CommandError, misuse } from '../terminal/command-error.ts';
import { plain } from '../terminal/terminal.ts';
import { apiUserKind } from './owner.ts';
import { type Reach, reachText } from './reach.ts';
import { tokenKind } from './tokens.ts';

const path = '/v1/advice';
const riskStyles = { high: 'red', medium: 'yellow', low: 'dim' } as const;

const columns: readonly Column<AdviceFinding>[] = [
  { title: 'RISK', of: ({ risk }) => risk, style: ({ risk }) => riskStyles[risk] },
  { title: 'TOKEN', of: ({ token }) => token.name },
  { title: 'FINDING', of: ({ finding }) => finding },
  { title: 'WHY', of: ({ why }) => why },
  { title: 'MEND', of: ({ mend }) => mend.command },
];

type AnyAdvice = Advice | ApiUserAdvice;
const fields: readonly Column<AnyAdvice>[] = [
  { title: 'Known since', of: ({ observedSince }) => observedSince ?? 'nothing is known of its use yet' },
  { title: 'Used permissions', of: ({ usedPermissions }) => listed(usedPermissions) },
  { title: 'Unused permissions', of: ({ unusedPermissions }) => listed(unusedPermissions) },
  { title: 'Used APIs', of: ({ usedApis }) => listed(usedApis) },
  { title: 'Used from', of: ({ usedAddresses }) => listed(usedAddresses) },
  { title: 'Proposal', of: ({ proposal }) => proposal && proposalText(proposal), style: () => 'green' },
  { title: 'Why', of: ({ why }) => why },
];

export const advise: Verb = {
  name: 'advise',
  summary: 'what credentials hold and do not need, the riskiest first; --apply narrows them to what they used',
  examples: [
    'keyward advise',
    'keyward advise --token ci',
    'keyward advise --token ci --apply --observe 14d',
    'keyward advise --apply --observe 14d --dry-run',
    'keyward advise --api-user batch --json',
  ],
  options: [
    { flag: '--token <which>', help: 'only this API token: its id, or its name' },
    { flag: '--api-user <which>', help: 'this API user, and the API tokens that it owns' },
    { flag: '--apply', help: 'leave API tokens with what they used, and API users with a role that holds it' },
    { flag: '--observe <time>', help: 'with --apply: only observe it first, as 14d, 30 days at most' },
    { flag: '--limit <number>', help: 'so many at once, 200 at most' },
    { flag: '--cursor <next>', help: 'go on where the page before ended' },
    { flag: '--all', help: 'every page' },
  ],
  acts: true,
  changes: true,
  destroys: true,
  jsonHelp: "print the API's own answer; with --apply what was changed, and what was not",
  routes: [`GET ${path}`, 'GET /v1/tokens/{id}/advice', 'GET /v1/api-users/{id}/advice'],
  async run(call) {
    const [token, apiUser] = [text(call, 'token'), text(call, 'apiUser')];
    if (token !== undefined && apiUser !== undefined)
      throw misuse('--token and --api-user name two things.', 'Name one of them.');
    if (call.options.apply === true) return apply(call, await proposals(call, token, apiUser));
    if (text(call, 'observe') !== undefined)
      throw misuse('--observe says how a proposal is applied.', 'Add --apply, or leave it out.');
    const client = await call.client();
    if (token !== undefined) showRecord(call, fields, (await adviceOn(client, tokenKind, token)).advice);
    else if (apiUser !== undefined) showRecord(call, fields, (await adviceOn(client, apiUserKind, apiUser)).advice);
    else await list(call, client);
  },
};

async function list(call: Call, client: Client): Promise<void> {
  const all = call.options.all === true;
  const query = { limit: text(call, 'limit') ?? (all ? '200' : undefined), cursor: text(call, 'cursor') };
  const none = 'Nothing is found: no API token holds more than it used, as far as its use is known.';
  await showPages(call, columns, pages<AdviceFinding>(client, path, query), { all, none, more: '--all lists them.' });
}

/** What is proposed for one credential, as its own route takes it. */
interface Proposed {
  name: string;
  path: string;
  body: NonNullable<AnyAdvice['proposal']>;
}

async function proposals(call: Call, token: string | undefined, apiUser: string | undefined): Promise<Proposed[]> {
  const client = await call.client();
  if (token === undefined && apiUser === undefined) return proposalsForAll(call, client);
  if (apiUser !== undefined && text(call, 'observe') !== undefined)
    throw misuse('The role of an API user cannot be observed first.', 'Leave out --observe, or narrow its API tokens.');
  const kind = apiUser === undefined ? tokenKind : apiUserKind;
  const { advice, ...named } = await adviceOn(client, kind, token ?? apiUser ?? '');
  if (advice.proposal !== null) return [{ ...named, body: advice.proposal }];
  note(call, plain(advice.why));
  return [];
}

async function adviceOn(client: Client, kind: typeof tokenKind, handle: string) {
  const found = await find(client, kind, handle);
  const own = `${kind.path}/${encodeURIComponent(found.id)}`;
  return { name: nameOf(kind, found), path: own, advice: await ask<AnyAdvice>(client, 'GET', `${own}/advice`) };
}

/** How the rest is mended stands beside it in the list. */
async function proposalsForAll(call: Call, client: Client): Promise<Proposed[]> {
  // What this command itself is done with could not end it: of that it was not known that it is needed.
  const self = await ask<{ id: string }>(client, 'GET', '/v1/self').catch(() => null);
  const found: Proposed[] = [];
  for await (const { finding, token, mend } of items<AdviceFinding>(client, path)) {
    if (finding !== 'wider_than_used') continue;
    const { observe: _, ...body } = mend.body ?? {};
    if (token.id === self?.id) note(call, `${plain(token.name)}: left as it is, since this is done with it.`);
    else found.push({ name: plain(token.name), path: mend.path, body });
  }
  return found;
}

async function apply(call: Call, proposed: readonly Proposed[]): Promise<void> {
  const given = text(call, 'observe');
  const observe = given === undefined ? {} : { observe: asObservation(given, '--observe', call.terminal) };
  const isDry = call.options.dryRun === true;
  for (const { path: target, body } of proposed) isRehearsal(call, 'PATCH', target, { ...body, ...observe });
  if (isDry) return;
  if (proposed.length === 0) note(call, 'Nothing is to be narrowed.');
  for (const { name, body } of proposed) note(call, `${name}: ${proposalText(body)}`);
  // What is observed refuses nothing, and can be taken back.
  const isNow = given === undefined && proposed.length > 0;
  await agreed(call, `Calls that need more than that are refused from now on (${proposed.length}).`, isNow);
  const [applied, failed]: [unknown[], { name: string; detail: string }[]] = [[], []];
  for (const { name, path: target, body } of proposed) {
    if (call.signal.aborted) return;
    try {
      const sent = { body: { ...body, ...observe } };
      applied.push(await ask(await call.client(), 'PATCH', target, sent));
    } catch (error) {
      // Of one that is gone meanwhile the others are not kept waiting; a server that is away is another matter.
      if (!(error instanceof CommandError) || error.problem === undefined) throw error;
      failed.push({ name, detail: error.message });
    }
  }
  report(call, applied, failed, given !== undefined);
}

function report(
  call: Call,
  applied: readonly unknown[],
  failed: readonly { name: string; detail: string }[],
  isObserved: boolean,
): void {
  const { terminal, json } = call;
  if (failed.length > 0) call.outcome.code = 1;
  if (json) terminal.output.write(`${JSON.stringify({ applied, failed })}\n`);
  else if (applied.length > 0) {
    const done = isObserved
      ? `${applied.length} observed: keyward observations shows them.`
      : `${applied.length} done.`;
    terminal.output.write(`${done}\n`);
  }
  for (const { name, detail } of failed) note(call, `${name}: ${detail}`);
}

function proposalText(proposal: NonNullable<AnyAdvice['proposal']>): string {
  return 'role' in proposal ? `role ${proposal.role}` : reachText(proposal as Reach);
}

function listed(all: readonly string[]): string {
  return all.length === 0 ? 'none' : all.join(', ');
}
