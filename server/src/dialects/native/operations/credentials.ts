// API tokens: what the description says of them. Whoever may manage tokens of their own needs no more for those.

import { type Operations, samples } from '../../operation.ts';

const own = 'manage:own_api_key';
const read = { permissions: [own, 'read:organization_api_key'] } as const;
const update = { permissions: [own, 'update:organization_api_key'] } as const;
const remove = { permissions: [own, 'delete:organization_api_key'] } as const;
const conflict = ['conflict'] as const;

export const credentials: Operations = {
  'GET /v1/tokens': { ...read, id: 'listTokens', summary: 'List API tokens', fails: ['not_found'] },
  'POST /v1/tokens': {
    id: 'createToken',
    summary: 'Create an API token',
    description: 'Its secret is in this answer and in no other one.',
    permissions: [own, 'create:organization_api_key'],
    fails: ['not_found'],
    body: { name: 'invoices', permissions: ['read:demo_funds'], use: 'both', expiresAt: '2099-12-31T23:59:59Z' },
  },
  'POST /v1/tokens/bulk': {
    ...update,
    id: 'changeTokens',
    summary: 'Activate, deactivate, delete or restore many API tokens',
    body: { ids: [samples.tokenId], action: 'activate' },
  },
  'GET /v1/tokens/:id': { ...read, id: 'readToken', summary: 'Read an API token' },
  'PATCH /v1/tokens/:id': {
    ...update,
    id: 'updateToken',
    summary: 'Change an API token',
    fails: conflict,
    body: { description: 'Reads invoices at night.' },
  },
  'DELETE /v1/tokens/:id': { ...remove, id: 'deleteToken', summary: 'Delete an API token' },
  'POST /v1/tokens/:id/reveal': {
    ...read,
    id: 'revealToken',
    summary: 'Show the secret of a readable API token again',
    fails: ['conflict', 'too_many_requests'],
    body: { password: samples.password },
    needs: 'a readable token',
  },
  'POST /v1/tokens/:id/rotate': {
    ...update,
    id: 'rotateToken',
    summary: 'Give an API token a new secret',
    body: { overlapSeconds: 60 },
  },
  'DELETE /v1/tokens/:id/previous-secret': {
    ...update,
    id: 'endOverlap',
    summary: 'End the secret from before the rotation',
  },
  'POST /v1/tokens/:id/deactivate': { ...update, id: 'deactivateToken', summary: 'Deactivate an API token' },
  'POST /v1/tokens/:id/activate': { ...update, id: 'activateToken', summary: 'Activate an API token' },
  'POST /v1/tokens/:id/restore': {
    ...remove,
    id: 'restoreToken',
    summary: 'Restore a deleted API token',
    fails: conflict,
  },
};
