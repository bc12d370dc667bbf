// APIs, permissions, plans, signing keys and settings, which are the whole server's: what the description says of them.

import type { Operations } from '../../operation.ts';

const readPermission = { permissions: ['read:permission'] } as const;
const createPermission = { permissions: ['create:permission'] } as const;
const updatePermission = { permissions: ['update:permission'] } as const;
const deletePermission = { permissions: ['delete:permission'] } as const;
const updatePlan = { permissions: ['update:plan'] } as const;
const conflict = ['conflict'] as const;
const limits = [{ limit: 1000, windowMs: 60_000, per: 'organization', cap: null }];

export const catalogue: Operations = {
  'GET /v1/apis': { ...readPermission, id: 'listApis', summary: 'List APIs' },
  'POST /v1/apis': {
    ...createPermission,
    id: 'createApi',
    summary: 'Create an API',
    body: { handle: 'orders', name: 'Orders', description: 'What was ordered.' },
  },
  'GET /v1/apis/:handle': { ...readPermission, id: 'readApi', summary: 'Read an API' },
  'PATCH /v1/apis/:handle': {
    ...updatePermission,
    id: 'updateApi',
    summary: 'Change an API',
    fails: conflict,
    body: { description: 'Orders and what became of them.' },
  },
  'DELETE /v1/apis/:handle': { ...deletePermission, id: 'deleteApi', summary: 'Delete an API', fails: conflict },

  'GET /v1/permissions': { ...readPermission, id: 'listPermissions', summary: 'List the catalogue of permissions' },
  'POST /v1/permissions': {
    ...createPermission,
    id: 'createPermission',
    summary: 'Register a permission',
    fails: ['not_found'],
    body: { name: 'read:orders', description: 'See all orders.', group: 'Orders' },
  },
  'PATCH /v1/permissions/:name': {
    ...updatePermission,
    id: 'updatePermission',
    summary: 'Describe a permission',
    body: { description: 'See orders.' },
  },
  'GET /v1/permissions/:name/holders': {
    ...deletePermission,
    id: 'readHolders',
    summary: 'See who holds a permission',
  },
  'DELETE /v1/permissions/:name': {
    ...deletePermission,
    id: 'deletePermission',
    summary: 'Delete a permission',
    fails: conflict,
  },

  'GET /v1/plans': { id: 'listPlans', summary: 'List plans', permissions: ['read:plan'] },
  'POST /v1/plans': {
    ...updatePlan,
    id: 'createPlan',
    summary: 'Create a plan',
    body: { id: 'gold', name: 'Gold', limits, whenUnavailable: 'local', entitlement: ['*:*'] },
  },
  'PUT /v1/plans/:id': {
    ...updatePlan,
    id: 'putPlan',
    summary: 'Create or replace a plan',
    body: { name: 'Gold', limits, whenUnavailable: 'local', entitlement: ['*:*'] },
  },
  'PATCH /v1/plans/:id': { ...updatePlan, id: 'updatePlan', summary: 'Change a plan', body: { name: 'More gold' } },
  'DELETE /v1/plans/:id': { ...updatePlan, id: 'deletePlan', summary: 'Delete a plan', fails: conflict },

  'GET /v1/signing-keys': { id: 'listSigningKeys', summary: 'List signing keys', permissions: ['read:signing_key'] },
  'POST /v1/signing-keys/rotate': {
    id: 'rotateSigningKey',
    summary: 'Make the next signing key',
    permissions: ['rotate:signing_key'],
    fails: ['not_found'],
    body: { profile: 'oauth' },
  },
  'POST /v1/signing-keys/:kid/revoke': {
    id: 'revokeSigningKey',
    summary: 'Revoke a signing key, and all that it signed',
    permissions: ['rotate:signing_key'],
  },

  'GET /v1/settings': {
    id: 'readSettings',
    summary: 'Read how the server was told to work',
    permissions: ['read:organization'],
  },
  'GET /v1/connection': {
    id: 'readConnection',
    summary: 'See this request as the server received it',
    description: 'What proxies said on its way is told to the operator alone.',
  },
};
