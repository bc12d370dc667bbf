// Webhooks, and what they were sent: what the description says of them.

import type { Operations } from '../../operation.ts';

const read = { permissions: ['read:webhook'] } as const;
const update = { permissions: ['update:webhook'] } as const;

export const webhooks: Operations = {
  'GET /v1/webhooks': { ...read, id: 'listWebhooks', summary: 'List webhooks' },
  'POST /v1/webhooks': {
    id: 'createWebhook',
    summary: 'Have what happens sent to an address',
    description:
      'The secret that messages are signed with (Standard Webhooks) is in this answer and in no other one. Without `events` all are sent.',
    permissions: ['create:webhook'],
    fails: ['conflict'],
    body: { url: 'https://hooks.example.com/keyward', events: ['token.created', 'token.deactivated'] },
  },
  'GET /v1/webhooks/:id': { ...read, id: 'readWebhook', summary: 'Read a webhook' },
  'PATCH /v1/webhooks/:id': {
    ...update,
    id: 'updateWebhook',
    summary: 'Change a webhook, or switch it on or off',
    description: 'One that is switched off is sent nothing of what happens meanwhile.',
    body: { events: ['*'], expiringDays: 14 },
  },
  'DELETE /v1/webhooks/:id': {
    id: 'deleteWebhook',
    summary: 'Delete a webhook, with what it was sent and what waits',
    permissions: ['delete:webhook'],
  },
  'POST /v1/webhooks/:id/rotate': {
    ...update,
    id: 'rotateWebhookSecret',
    summary: 'Give a webhook a new secret',
    description: 'For `overlapSeconds`, a day unless told, messages are signed with the one before too.',
    body: { overlapSeconds: 3600 },
  },
  'GET /v1/webhooks/:id/deliveries': {
    ...read,
    id: 'listWebhookDeliveries',
    summary: 'List what a webhook was sent, with what was answered',
  },
  'POST /v1/webhooks/:id/test': {
    ...update,
    id: 'testWebhook',
    summary: 'Send a webhook a message that tells of nothing',
    description: 'It goes ahead of what waits, once. Read the delivery to see what came of it.',
    fails: ['conflict'],
  },
  'POST /v1/webhooks/:id/repeat': {
    ...update,
    id: 'repeatDeadDeliveries',
    summary: 'Send all again that was given up',
  },
  'GET /v1/webhook-deliveries/:id': {
    ...read,
    id: 'readWebhookDelivery',
    summary: 'Read what a webhook was sent',
    needs: 'something that a webhook was sent',
  },
  'POST /v1/webhook-deliveries/:id/repeat': {
    ...update,
    id: 'repeatWebhookDelivery',
    summary: 'Send something again that was accepted or given up',
    fails: ['conflict'],
    needs: 'something that a webhook was sent',
  },
};
