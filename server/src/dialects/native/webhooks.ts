// Webhooks over HTTP, and what they were sent. A secret is in the answer that makes it, and nowhere else.

import {
  CreatedWebhook,
  NewWebhook,
  Repeated,
  Webhook,
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookDeliveryQuery,
  WebhookList,
  WebhookListQuery,
  WebhookRotation,
} from '@keyward/sdk/wire';
import type { Caller } from '../../core/caller/caller.ts';
import type { Core } from '../../core/core.ts';
import type { Webhook as Kept, WebhookDelivery as KeptDelivery } from '../../core/feed/webhooks/records.ts';
import type { MadeWebhook } from '../../core/feed/webhooks/webhook.ts';
import { ById, mountAct, NoBody, orNoBody } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { created } from './creation.ts';
import { answerPage } from './paging.ts';
import { toTime, toTimeOrNull } from './time.ts';

export function mountWebhooks(scope: Scope, core: Core): void {
  const one = { params: ById, querystring: NoQuery };

  const list = { querystring: WebhookListQuery, response: { 200: WebhookList } };
  scope.get('/v1/webhooks', { schema: list }, (request) => {
    const caller = callerOf(request);
    const read = (page: Parameters<Core['listWebhooks']>[1]) => core.listWebhooks(caller, page);
    return answerPage(core, caller, 'webhooks', request.query, read, toWire);
  });

  const create = { body: NewWebhook, querystring: NoQuery, response: { 201: CreatedWebhook } };
  scope.post('/v1/webhooks', { schema: create }, async (request, reply) => {
    const act = (caller: Caller) => core.createWebhook(caller, request.body);
    const { body, headers } = await created(core, request, act, madeToWire);
    return reply.code(201).headers(headers).send(body);
  });

  scope.get('/v1/webhooks/:id', { schema: { ...one, response: { 200: Webhook } } }, async (request) =>
    toWire(await core.readWebhook(callerOf(request), request.params.id)),
  );

  const change = { ...one, body: WebhookChange, response: { 200: Webhook } };
  scope.patch('/v1/webhooks/:id', { schema: change }, async (request) =>
    toWire(await core.updateWebhook(callerOf(request), request.params.id, request.body)),
  );

  const rotate = { ...one, body: orNoBody(WebhookRotation), response: { 200: CreatedWebhook } };
  scope.post('/v1/webhooks/:id/rotate', { schema: rotate }, async (request, reply) => {
    const { overlapSeconds } = request.body ?? {};
    const how = overlapSeconds === undefined ? {} : { overlapMs: overlapSeconds * 1000 };
    const act = (caller: Caller) => core.rotateWebhookSecret(caller, request.params.id, how);
    const { body, headers } = await created(core, request, act, madeToWire);
    return reply.headers(headers).send(body);
  });

  mountAct(scope, 'DELETE', '/v1/webhooks/:id', core.deleteWebhook);
  mountDeliveries(scope, core);
}

function mountDeliveries(scope: Scope, core: Core): void {
  const one = { params: ById, querystring: NoQuery };
  const act = { ...one, body: NoBody };

  const list = { params: ById, querystring: WebhookDeliveryQuery, response: { 200: WebhookDeliveryList } };
  scope.get('/v1/webhooks/:id/deliveries', { schema: list }, (request) => {
    const caller = callerOf(request);
    const { id } = request.params;
    const { status, ...query } = request.query;
    const filter = status === undefined ? {} : { status };
    const read = (page: Parameters<Core['listWebhookDeliveries']>[2]) =>
      core.listWebhookDeliveries(caller, id, page, filter);
    return answerPage(core, caller, `webhook_deliveries ${id} ${status ?? ''}`, query, read, deliveryToWire);
  });

  const test = { ...act, response: { 201: WebhookDelivery } };
  scope.post('/v1/webhooks/:id/test', { schema: test }, async (request, reply) =>
    reply.code(201).send(deliveryToWire(await core.testWebhook(callerOf(request), request.params.id))),
  );

  const repeatDead = { ...act, response: { 200: Repeated } };
  scope.post('/v1/webhooks/:id/repeat', { schema: repeatDead }, async (request) => ({
    repeated: await core.repeatDeadDeliveries(callerOf(request), request.params.id),
  }));

  const read = { ...one, response: { 200: WebhookDelivery } };
  scope.get('/v1/webhook-deliveries/:id', { schema: read }, async (request) =>
    deliveryToWire(await core.readWebhookDelivery(callerOf(request), request.params.id)),
  );

  const repeat = { ...act, response: { 200: WebhookDelivery } };
  scope.post('/v1/webhook-deliveries/:id/repeat', { schema: repeat }, async (request) =>
    deliveryToWire(await core.repeatWebhookDelivery(callerOf(request), request.params.id)),
  );
}

function madeToWire({ webhook, secret }: MadeWebhook): CreatedWebhook {
  return { ...toWire(webhook), secret };
}

function toWire(webhook: Kept): Webhook {
  const { id, url, events, description, expiringDays, deactivatedFor, createdBy } = webhook;
  return {
    id,
    url,
    events: [...events],
    description,
    expiringDays,
    active: webhook.deactivatedAt === null,
    deactivatedFor,
    deactivatedAt: toTimeOrNull(webhook.deactivatedAt),
    failingSince: toTimeOrNull(webhook.failingSince),
    nextTryAt: toTimeOrNull(webhook.nextTryAt),
    createdAt: toTime(webhook.createdAt),
    createdBy,
  };
}

function deliveryToWire(delivery: KeptDelivery): WebhookDelivery {
  const { id, webhookId: webhook, event, status, tries, payload: request, answer } = delivery;
  return {
    id,
    webhook,
    event,
    status,
    tries,
    createdAt: toTime(delivery.createdAt),
    triedAt: toTimeOrNull(delivery.triedAt),
    request,
    answer,
  };
}
