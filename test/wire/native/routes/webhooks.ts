// Routes of webhooks, and of what they were sent. For tests only.

import type { OrganizationFixture } from '../organization-fixture.ts';
import { at, type Rows, serial, under } from './row.ts';

const webhook = ({ webhook: id }: OrganizationFixture) => `/v1/webhooks/${id}`;
const delivery = ({ delivery: id }: OrganizationFixture) => `/v1/webhook-deliveries/${id}`;
const update = { needs: ['update:webhook'], crossing: 404 } as const;

export const webhooks: Rows = {
  'GET /v1/webhooks': { path: at('/v1/webhooks'), needs: ['read:webhook'], crossing: 'own' },
  'POST /v1/webhooks': {
    path: at('/v1/webhooks'),
    body: () => ({ url: 'https://receiver.invalid/', events: ['token.created'], description: 'X', expiringDays: 3 }),
    needs: ['create:webhook'],
    crossing: 'own',
  },
  'GET /v1/webhooks/:id': { path: webhook, needs: ['read:webhook'], crossing: 404 },
  'PATCH /v1/webhooks/:id': {
    path: webhook,
    body: () => ({ description: `other ${serial()}`, active: true }),
    ...update,
  },
  'DELETE /v1/webhooks/:id': { path: webhook, needs: ['delete:webhook'], crossing: 404 },
  'POST /v1/webhooks/:id/rotate': { path: under(webhook, 'rotate'), body: () => ({ overlapSeconds: 60 }), ...update },
  'GET /v1/webhooks/:id/deliveries': { path: under(webhook, 'deliveries'), needs: ['read:webhook'], crossing: 404 },
  'POST /v1/webhooks/:id/test': { path: under(webhook, 'test'), ...update },
  'POST /v1/webhooks/:id/repeat': { path: under(webhook, 'repeat'), ...update },
  'GET /v1/webhook-deliveries/:id': { path: delivery, needs: ['read:webhook'], crossing: 404 },
  'POST /v1/webhook-deliveries/:id/repeat': { path: under(delivery, 'repeat'), ...update },
};
