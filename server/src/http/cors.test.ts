// What browsers are told about calls from pages of other origins.

import { afterEach, describe, expect, it } from 'vitest';
import { native } from '../dialects/native.ts';
import { type Running, start, stubCore } from './app.test-support.ts';

const page = 'https://app.example.com';
let running: Running | undefined;
afterEach(() => running?.close());

async function open(cors: readonly string[]) {
  const core = stubCore();
  running = await start({
    dialects: [native],
    core,
    cors,
    guarded: [{ path: '/items', methods: ['GET'], permissions: [], dialect: null }],
  });
  const { url } = running;
  return (target: string, init: RequestInit = {}) =>
    fetch(url + target, { ...init, headers: { origin: page, ...init.headers } });
}

const bearer = (credential: string) => ({ headers: { authorization: `Bearer ${credential}` } });

describe('answers to pages of other origins', () => {
  it('can be read from the origins that are set, refusals too', async () => {
    const call = await open([page]);
    for (const [target, credential, status] of [
      ['/v1/check', 'good', 200],
      ['/v1/check', 'nonsense', 401],
      ['/v1/nothing', 'good', 404],
    ] as const) {
      const answer = await call(target, bearer(credential));
      expect([target, answer.status]).toEqual([target, status]);
      expect(answer.headers.get('access-control-allow-origin')).toBe(page);
      expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
      expect(answer.headers.get('vary')).toBe('Origin');
    }
  });

  it('can be read from nowhere else, and never with cookies [S87]', async () => {
    const call = await open([page]);
    const other = await call('/v1/check', {
      headers: { origin: 'https://elsewhere.example', authorization: 'Bearer good' },
    });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('vary')).toBe('Origin');
    const all = [other, await call('/v1/check', bearer('good')), await call('/v1/check', preflight)];
    for (const { headers } of all) expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  const preflight = { method: 'OPTIONS', headers: { 'access-control-request-method': 'DELETE' } };

  it('are announced to preflights for nothing, with no credential looked at', async () => {
    const call = await open(['*']);
    const answer = await call('/v1/tokens/tok_1', preflight);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toBe('DELETE');
    expect(answer.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect(running?.core.asked).toEqual([]);
  });

  it('say nothing of it where no origin is set, and of guarded routes nothing either', async () => {
    const closed = await open([]);
    const answers = [await closed('/v1/check', bearer('good')), await closed('/v1/check', preflight)];
    await running?.close();
    const call = await open(['*']);
    for (const { headers } of [...answers, await call('/items', preflight), await call('/healthz')]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
