// Each refusal in plain words, with the value that its rule was held against. For the credential's own organization and for
// the operator: who was refused is told nothing of it.

import type { LackingPermission } from '../../caller/refusal.ts';
import type { StateReason } from '../../caller/state.ts';
import type { Grounds, GroundsOf } from './kept-call.ts';

/** A few sentences: the rule and the value, and what can be done. */
export function explanationOf(grounds: Grounds): string {
  return (explaining[grounds.reason] as (grounds: Grounds) => string)(grounds);
}

const explaining: { readonly [R in keyof GroundsOf]: (grounds: GroundsOf[R]) => string } = {
  missing: () =>
    'It came without a credential. A call needs Authorization: Bearer, and an API token or an access token.',
  unknown: ({ form, start }) => `${unknownForms[form]}${start === null ? '' : ` It begins with ${start}.`}`,
  inactive: ({ state }) => `${stateText(state, 'The credential is not active.')}`,
  revoked: ({ state }) =>
    stateText(
      state,
      'The access token was revoked, or its session has ended: what it was made from may still be used to make another.',
    ),
  expired: ({ expiredAt }) =>
    expiredAt === null
      ? 'The access token has ended. Make a new one.'
      : `The credential ended at ${new Date(expiredAt).toISOString()}. Give it a later end, or make a new one.`,
  exchange_only: () => 'The token may only be exchanged for an access token, and was presented on a call.',
  wrong_api: ({ api, apis }) =>
    `The call goes to the API ${api}${apis === null ? ', and the access token is for another.' : `, and the credential is for ${listed(apis)} alone.`}`,
  missing_permission: permissionText,
  wrong_organization: () => "The call is for another organization than the credential's own.",
  address_not_allowed: ({ address, addresses }) => {
    const list = addresses.length === 0 ? 'the addresses that it may be used from' : listed(addresses);
    if (address === null)
      return `The address of the client was not known, and the token may be used from ${list} alone.`;
    return addresses.length === 0 ? `${address} is not among ${list}.` : `${address} is not in ${list}.`;
  },
  wrong_key: () =>
    'The access token is bound to a key (DPoP) and came without it or with another; or it is bound to none, and came with one.',
  invalid_proof: ({ fault }) => `The proof of its key was not accepted${fault === null ? '.' : `: ${fault}`}`,
  nonce_required: () =>
    'The proof of its key must be made with the nonce that the answer gave. Clients do so by themselves.',
  rate_limited: ({ name, limit, windowMs, retryAfterMs }) =>
    `The limit ${name} of ${limit} calls in ${duration(windowMs)} was spent. There was room again after ${duration(retryAfterMs)}.`,
};

const unknownForms: Readonly<Record<GroundsOf['unknown']['form'], string>> = {
  api_token:
    'It has the form of an API token, and there is none like it: it was mistyped, deleted, or is of another server.',
  access_token: 'It has the form of an access token, and was not made by this server, or is not accepted on this call.',
  other: 'It is nothing that this server has ever made.',
};

const states: Readonly<Record<StateReason, string>> = {
  leaked: 'The credential was deactivated because it was found where it should not be. Make a new one.',
  restored: 'The credential is suspended since a backup was restored. Whoever operates the server releases it.',
  deactivated: 'The credential was deactivated. Activate it, if it is to work again.',
  expired: 'The credential has ended.',
  deleted: 'The credential was deleted. It may be restored.',
  invited: 'Its owner has not accepted the invitation yet.',
  owner_deactivated: 'Its owner was deactivated.',
  owner_deleted: 'Its owner was deleted.',
  organization_inactive: 'Its organization is not active.',
  role_gone: 'The role of its owner does not exist any more.',
};

function stateText(state: StateReason | null, otherwise: string): string {
  return state === null ? otherwise : states[state];
}

function permissionText({ required, match, lacking, held, role }: GroundsOf['missing_permission']): string {
  const needs = listed(required, match === 'all' ? 'and' : 'or');
  const why = lacking.map((one) => ` ${lackText(one, role)}`).join('');
  return `It needs ${needs}.${why} It may do ${held.length === 0 ? 'nothing' : listed(held)}.`;
}

function lackText({ permission, in: place }: LackingPermission, role: string): string {
  const lacks = {
    token: `The token does not hold ${permission}.`,
    role:
      role === ''
        ? `Its owner does not hold ${permission}.`
        : `The role ${role} of its owner does not hold ${permission}.`,
    entitlement: `The organization is not entitled to ${permission}.`,
  };
  return lacks[place];
}

/** So many are named. */
const most = 20;

function listed(all: readonly string[], word = 'and'): string {
  if (all.length > most) return `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
  return all.length < 2 ? (all[0] ?? 'nothing') : `${all.slice(0, -1).join(', ')} ${word} ${all.at(-1)}`;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const unit = units.find(([length]) => seconds >= length && seconds % length === 0);
  return unit === undefined ? `${seconds} s` : `${seconds / unit[0]} ${unit[1]}`;
}

const units = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const;
