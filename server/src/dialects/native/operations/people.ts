// Organizations, users, roles and API users: what the description says of them.

import type { Operations } from '../../operation.ts';

const readOrganization = { permissions: ['read:organization'] } as const;
const updateOrganization = { permissions: ['update:organization'] } as const;
const updateUser = { permissions: ['update:user'] } as const;
const updateApiUser = { permissions: ['update:api_user'] } as const;
const conflict = ['conflict'] as const;

export const people: Operations = {
  'GET /v1/organizations': { ...readOrganization, id: 'listOrganizations', summary: 'List organizations' },
  'POST /v1/organizations': {
    id: 'createOrganization',
    summary: 'Create an organization',
    permissions: ['create:organization'],
    body: { name: 'initech', planId: 'free', contributors: 3, externalId: null, metadata: { segment: 'small' } },
  },
  'GET /v1/organizations/:id': { ...readOrganization, id: 'readOrganization', summary: 'Read an organization' },
  'PATCH /v1/organizations/:id': {
    ...updateOrganization,
    id: 'updateOrganization',
    summary: 'Change an organization',
    fails: conflict,
    body: { contributors: 5 },
  },
  'DELETE /v1/organizations/:id': {
    id: 'deleteOrganization',
    summary: 'Delete an organization with all that is in it',
    permissions: ['delete:organization'],
    fails: conflict,
  },
  'POST /v1/organizations/:id/owners': {
    id: 'addOwner',
    summary: 'Add an owner to an organization',
    permissions: ['create:organization'],
    body: { email: 'bill@example.com', name: 'Bill' },
  },
  'POST /v1/organizations/:id/deactivate': {
    ...updateOrganization,
    id: 'deactivateOrganization',
    summary: 'Cut an organization off',
    fails: conflict,
  },
  'POST /v1/organizations/:id/activate': {
    ...updateOrganization,
    id: 'activateOrganization',
    summary: 'Let an organization in again',
    fails: conflict,
  },
  'POST /v1/organizations/:id/reset-budget': {
    id: 'resetBudget',
    summary: "Begin an organization's budget anew",
    permissions: ['update:plan'],
  },
  'GET /v1/suspensions': {
    id: 'countSuspended',
    summary: 'How much stands suspended since a backup was restored',
    permissions: ['read:organization'],
  },
  'POST /v1/suspensions/release': {
    id: 'releaseSuspended',
    summary: 'Release what a restore has suspended',
    permissions: ['update:organization'],
    body: { organization: 'acme' },
  },

  'GET /v1/users': { id: 'listUsers', summary: 'List users', permissions: ['read:user'] },
  'POST /v1/users': {
    id: 'createUser',
    summary: 'Create a user with a generated password',
    permissions: ['create:user'],
    body: { email: 'mia@example.com', name: 'Mia Member', role: 'member' },
  },
  'GET /v1/users/:id': { id: 'readUser', summary: 'Read a user', permissions: ['read:user'] },
  'PATCH /v1/users/:id': {
    ...updateUser,
    id: 'updateUser',
    summary: 'Change a user',
    fails: conflict,
    body: { name: 'Mia', role: 'viewer' },
  },
  'DELETE /v1/users/:id': {
    id: 'deleteUser',
    summary: 'Delete a user',
    permissions: ['delete:user'],
    fails: conflict,
  },
  'POST /v1/users/:id/deactivate': {
    ...updateUser,
    id: 'deactivateUser',
    summary: 'Deactivate a user',
    fails: conflict,
  },
  'POST /v1/users/:id/activate': { ...updateUser, id: 'activateUser', summary: 'Activate a user' },
  'POST /v1/users/:id/password-link': {
    ...updateUser,
    id: 'createPasswordLink',
    summary: 'Make a link by which a user chooses a password',
  },
  'POST /v1/users/:id/reset-password': {
    ...updateUser,
    id: 'resetPassword',
    summary: 'Give a user a generated password',
    fails: conflict,
  },
  'DELETE /v1/users/:id/second-factor': {
    ...updateUser,
    id: 'removeSecondFactor',
    summary: "Remove a user's second factor",
    needs: 'a user with a second factor',
  },
  'POST /v1/invitations': {
    id: 'inviteUser',
    summary: 'Invite a user by a link',
    permissions: ['create:user'],
    body: { email: 'ivan@example.com', name: 'Ivan', role: 'viewer' },
  },

  'GET /v1/roles': { id: 'listRoles', summary: 'List roles', permissions: ['read:role'] },
  'POST /v1/roles': {
    id: 'createRole',
    summary: 'Create a role',
    permissions: ['create:role'],
    body: { name: 'auditor', description: 'Sees what was done.', permissions: ['read:journal'] },
  },
  'PATCH /v1/roles/:name': {
    id: 'updateRole',
    summary: 'Change a role',
    permissions: ['update:role'],
    fails: conflict,
    body: { permissions: ['read:journal', 'read:user'] },
  },
  'DELETE /v1/roles/:name': {
    id: 'deleteRole',
    summary: 'Delete a role',
    permissions: ['delete:role'],
    fails: conflict,
  },

  'GET /v1/api-users': { id: 'listApiUsers', summary: 'List API users', permissions: ['read:api_user'] },
  'POST /v1/api-users': {
    id: 'createApiUser',
    summary: 'Create an API user with a generated password',
    permissions: ['create:api_user'],
    body: { name: 'Till', role: 'viewer' },
  },
  'GET /v1/api-users/:id': { id: 'readApiUser', summary: 'Read an API user', permissions: ['read:api_user'] },
  'PATCH /v1/api-users/:id': {
    ...updateApiUser,
    id: 'updateApiUser',
    summary: 'Change an API user',
    fails: conflict,
    body: { name: 'Till at the door' },
  },
  'DELETE /v1/api-users/:id': {
    id: 'deleteApiUser',
    summary: 'Delete an API user',
    permissions: ['delete:api_user'],
  },
  'POST /v1/api-users/:id/deactivate': {
    ...updateApiUser,
    id: 'deactivateApiUser',
    summary: 'Deactivate an API user',
    body: { cutOff: true },
  },
  'POST /v1/api-users/:id/activate': { ...updateApiUser, id: 'activateApiUser', summary: 'Activate an API user' },
  'POST /v1/api-users/:id/restore': {
    id: 'restoreApiUser',
    summary: 'Restore a deleted API user',
    permissions: ['delete:api_user'],
    fails: conflict,
  },
  'POST /v1/api-users/:id/rotate': {
    ...updateApiUser,
    id: 'rotateApiUser',
    summary: 'Give an API user a new password',
    body: { overlapSeconds: 60 },
  },
  'DELETE /v1/api-users/:id/previous-password': {
    ...updateApiUser,
    id: 'endPasswordOverlap',
    summary: 'End the password from before the rotation',
  },
  'POST /v1/api-users/:id/successor': {
    id: 'createSuccessor',
    summary: 'Create an API user that takes over from another one',
    permissions: ['create:api_user', 'read:api_user'],
  },
  'GET /v1/api-users/:id/federated-credentials': {
    id: 'listFederatedCredentials',
    summary: 'List the federated credentials of an API user',
    permissions: ['read:api_user'],
  },
  'POST /v1/api-users/:id/federated-credentials': {
    ...updateApiUser,
    id: 'createFederatedCredential',
    summary: 'Take outside tokens in place of an API user’s password',
    description:
      'With a null `issuer`, tokens that the client signs itself (`private_key_jwt`), by the keys in `jwks` or at `jwksUri`.',
    fails: conflict,
    body: {
      name: 'Deployments',
      issuer: 'https://token.actions.githubusercontent.com',
      conditions: { repository: 'acme/shop', ref: 'refs/heads/main' },
    },
  },
  'GET /v1/federated-credentials/:id': {
    id: 'readFederatedCredential',
    summary: 'Read a federated credential',
    permissions: ['read:api_user'],
  },
  'PATCH /v1/federated-credentials/:id': {
    ...updateApiUser,
    id: 'updateFederatedCredential',
    summary: 'Change a federated credential',
    description: 'But for its name, a change ends all access tokens that were made through it.',
    fails: conflict,
    body: { conditions: { repository: 'acme/shop', environment: 'production' } },
  },
  'DELETE /v1/federated-credentials/:id': {
    ...updateApiUser,
    id: 'deleteFederatedCredential',
    summary: 'Delete a federated credential, and end what was made through it',
  },
  'GET /v1/api-users/:id/access-tokens': {
    id: 'countAccessTokens',
    summary: 'Count the access tokens that an API user has in use',
    permissions: ['read:api_user'],
  },
};
