// Applications: what the description says of them.

import type { Operations } from '../../operation.ts';

const read = { permissions: ['read:application'] } as const;
const update = { permissions: ['update:application'] } as const;

export const applications: Operations = {
  'GET /v1/applications': { ...read, id: 'listApplications', summary: 'List applications' },
  'POST /v1/applications': {
    id: 'createApplication',
    summary: 'Register an application that people let act for them',
    description: 'The secret of a confidential one is in this answer and in no other one.',
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
    description: 'Where it may ask for less than before, all that it was given ends.',
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
  'POST /v1/applications/:id/activate': {
    ...update,
    id: 'activateApplication',
    summary: 'Let an application in again',
  },
};
