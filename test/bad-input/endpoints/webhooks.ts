// Endpoints of webhooks, and of what they were sent. For tests only.

import { bearer, noun, type Rows } from './row.ts';

const url = 'https://receiver.invalid/hook';

export const webhooks: Rows = [
  ...noun(
    'webhooks',
    'no-such-webhook',
    (n) => ({ url: `${url}/${n}`, events: ['token.created'], description: `webhook-${n}`, expiringDays: 3 }),
    (n) => ({ url, events: ['*'], description: `other-${n}`, expiringDays: 30, active: true }),
    ['test', 'repeat'],
  ),
  [
    'POST /v1/webhooks/:id/rotate',
    { ...bearer, lane: 'webhooks', parameter: 'no-such-webhook', body: () => ({ overlapSeconds: 60 }) },
  ],
  ['GET /v1/webhooks/:id/deliveries', { ...bearer, lane: 'webhooks', parameter: 'no-such-webhook' }],
  ['GET /v1/webhook-deliveries/:id', { ...bearer, lane: 'webhooks', parameter: 'no-such-delivery' }],
  ['POST /v1/webhook-deliveries/:id/repeat', { ...bearer, lane: 'webhooks', parameter: 'no-such-delivery' }],
];
