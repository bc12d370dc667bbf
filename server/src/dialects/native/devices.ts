// What a device asks that shows somebody a code, and their answer: for the portal's page, by its session alone.

import { Device, DeviceAnswer, DeviceOutcome, DeviceQuestion } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { shownIn } from './consents.ts';
import { toTime } from './time.ts';

export function mountDevices(scope: Scope, core: Core): void {
  const look = { body: DeviceQuestion, querystring: NoQuery, response: { 200: Device } };
  scope.post('/v1/devices/look', { schema: look }, async (request) => {
    const view = await core.readDevice(callerOf(request), request.body.userCode, request.clientAddress);
    return { ...view, expiresAt: toTime(view.expiresAt) };
  });

  const answer = { body: DeviceAnswer, querystring: NoQuery, response: { 200: DeviceOutcome } };
  scope.post('/v1/devices', { schema: answer }, async (request) => {
    const { userCode } = request.body;
    const shown = shownIn(request.body);
    return { allowed: await core.answerDevice(callerOf(request), userCode, shown, request.clientAddress) };
  });
}
