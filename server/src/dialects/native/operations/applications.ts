// Applications, and what people let them do: what the description says of them.

import type { Operations } from '../../operation.ts';

const read = { permissions: ['read:application'] } as const;
const update = { permissions: ['update:application'] } as const;

export const applications: Operations = {
  'GET /v1/applications': { ...read, id: 'listApplications', summary: 'List applications' },
  'POST /v1/applications': {
    id: 'createApplication',
    summary: 'Register an application that people let act for them',
    description:
      'The secret of a confidential one is in this answer and in no other one. With `jwksUri` or `jwks` it has none: it signs with its own keys (`private_key_jwt`).',
    permissions: ['create:application'],
    body: {
      name: 'Reports',
      type: 'confidential',
      redirectUris: ['https://reports.example.com/callback'],
      permissions: ['read:demo_funds'],
    },
  },
  'GET /v1/applications/:id': { ...read, id: 'readApplication', summary: 'Read an application' },
  'PATCH /v1/applications/:id': {
    ...update,
    id: 'updateApplication',
    summary: 'Change an application',
    description:
      'Where it may ask for less than before, all that it was given ends. Keys take the place of others, or of the secret.',
    fails: ['conflict'],
    body: { name: 'Monthly reports' },
  },
  'DELETE /v1/applications/:id': {
    id: 'deleteApplication',
    summary: 'Delete an application, with what people have allowed it',
    permissions: ['delete:application'],
  },
  'POST /v1/applications/:id/rotate': {
    ...update,
    id: 'rotateApplicationSecret',
    summary: 'Give a confidential application a new secret',
    fails: ['conflict'],
  },
  'POST /v1/applications/:id/deactivate': {
    ...update,
    id: 'deactivateApplication',
    summary: 'Deactivate an application, and end all that it was given',
  },
  'GET /v1/authorizations': {
    id: 'listAuthorizations',
    summary: 'List what people let applications do',
    permissions: ['read:authorization'],
  },
  'DELETE /v1/authorizations/:id': {
    id: 'endAuthorization',
    summary: 'End what somebody lets an application do',
    permissions: ['delete:authorization'],
    needs: 'what somebody lets an application do',
  },
  'GET /v1/self/authorizations': {
    id: 'listOwnAuthorizations',
    summary: 'List what you let applications do',
    credential: 'person',
  },
  'DELETE /v1/self/authorizations/:id': {
    id: 'endOwnAuthorization',
    summary: 'End what you let an application do',
    credential: 'person',
    needs: 'what you let an application do',
  },
  'POST /v1/consents/look': {
    id: 'readConsent',
    summary: 'Read what an application asks for',
    credential: 'person',
    fails: ['not_found'],
    body: { request: 'the-request-that-the-page-was-opened-with' },
    needs: 'a session of the portal, and a request',
  },
  'POST /v1/consents': {
    id: 'answerConsent',
    summary: 'Let an application act for you, or do not',
    credential: 'person',
    fails: ['not_found', 'confirmation_required'],
    body: { request: 'the-request-that-the-page-was-opened-with', allow: true, permissions: ['read:funds'] },
    needs: 'a session of the portal, and a request',
  },
  'POST /v1/devices/look': {
    id: 'readDevice',
    summary: 'Read what a device asks that shows a code',
    credential: 'person',
    fails: ['not_found', 'conflict', 'too_many_requests'],
    body: { userCode: 'BCDF-GHJK' },
    needs: 'a session of the portal, and a device that waits',
  },
  'POST /v1/devices': {
    id: 'answerDevice',
    summary: 'Let a device act for you, or do not',
    credential: 'person',
    fails: ['not_found', 'conflict', 'confirmation_required', 'too_many_requests'],
    body: { userCode: 'BCDF-GHJK', allow: true, permissions: ['read:funds'] },
    needs: 'a session of the portal, and a device that waits',
  },
  'POST /v1/applications/:id/activate': {
    ...update,
    id: 'activateApplication',
    summary: 'Let an application in again',
  },
};
