// What the fast path tells the log, and when it does not answer at all.

import { describe, expect, it } from 'vitest';
import { native } from '../../dialects/native.ts';
import { sendRaw, start, stubCore } from '../app.test-support.ts';
import { bearer, core, onFastPath, onRouter, running, startsForFile, verdictOf } from './endpoints.test-support.ts';

startsForFile();

describe('the fast path', () => {
  it('tells the log the same as the router, under the caller’s own id, and nothing of the credential', async () => {
    const from = running.logged.length;
    const sent = { target: '/v1/check?cost=1', headers: { ...bearer('good'), 'x-request-id': 'mine-1' } };
    await onFastPath(sent);
    await onRouter(sent);
    const lines = running.logged.slice(from).map((line) => JSON.parse(line));
    const [one, other] = lines
      .filter(({ reqId }) => reqId === 'mine-1')
      .map(({ time: _, ms, ...rest }) => ({ ...rest, hasTime: typeof ms === 'number' }));
    expect(one).toEqual(other);
    expect(one).toMatchObject({ reqId: 'mine-1', method: 'GET', route: '/v1/check', status: 200, msg: 'answered' });
  });

  it('logs a bug under the id that it answers [S84]', async () => {
    const from = running.logged.length;
    const answer = await fetch(`${running.url}/v1/check`, { headers: bearer('bug') });
    const [, id = '-'] = /log is ([0-9a-f]{16})/.exec(await answer.text()) ?? [];
    const lines = () => running.logged.slice(from).map((line) => JSON.parse(line));
    await expect.poll(() => lines().filter(({ msg }) => msg === 'answered')).toHaveLength(1);
    const bug = lines().find((line) => line.id === id);
    expect(JSON.stringify(bug)).toContain('a bug');
    // Both lines name the same request, though the caller gave it no id.
    expect(lines().find(({ msg }) => msg === 'answered').reqId).toBe(bug.reqId);
  });

  it('ends its connections once the server stops, and answers what it has begun', async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waiting = stubCore({
      verify: async (credential, call) => {
        begun.resolve();
        await held.promise;
        return verdictOf(credential, call);
      },
    });
    const stopping = await start({ dialects: [native], core: waiting });
    const request = 'GET /v1/check HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n';
    const answered = sendRaw(stopping.port, request, 10_000);
    await begun.promise;
    const closed = stopping.close();
    await expect.poll(() => stopping.app.server.listening).toBe(false);
    held.resolve();
    expect(await answered).toMatch(/^HTTP\/1\.1 200 OK.*\r\nconnection: close\r\n/is);
    await closed;
  });
});

describe('a server that is not to be asked in clear', () => {
  it('answers nothing on the fast path, and says so as ever [S1]', async () => {
    const strict = await start({ dialects: [native], core, allowPlainLoopback: false });
    const answer = await fetch(`${strict.url}/v1/check`, { headers: bearer('good') });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ title: 'HTTPS only' });
    await strict.close();
  });
});
