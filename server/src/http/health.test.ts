// Probes and the public key set.

import { afterEach, describe, expect, it } from 'vitest';
import { within } from '../../../test/machine-time.ts';
import { coreByRote, type Running, start } from './app.test-support.ts';

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
});

const status = async (path: string) => (await fetch(`${running?.url}${path}`)).status;

describe('health', () => {
  it('is alive though not ready, and does not say why it is not', async () => {
    const ready = async () => {
      throw new Error('the database is gone');
    };
    running = await start({ core: coreByRote({ ready }) });
    expect(await status('/healthz')).toBe(200);
    const answer = await fetch(`${running.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('{"status":"unavailable"}');
    expect(running.logged.join('')).toContain('the database is gone');
  });

  it('is not ready when that is not known within two seconds', async () => {
    running = await start({ core: coreByRote({ ready: () => new Promise(() => undefined) }) });
    await within(3_000, async () => expect(await status('/readyz')).toBe(503));
  });

  it('survives a check that fails after its deadline', async () => {
    const check = Promise.withResolvers<void>();
    running = await start({ core: coreByRote({ ready: () => check.promise }) });
    expect(await status('/readyz')).toBe(503);
    check.reject(new Error('late'));
    // Had nobody listened, the process would end before its next turn.
    await new Promise((resolve) => setTimeout(resolve));
    expect(await status('/healthz')).toBe(200);
  });
});

it('publishes the key set, which may be kept for five minutes', async () => {
  running = await start();
  const answer = await fetch(`${running.url}/.well-known/jwks.json`);
  expect(answer.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await answer.json()).toEqual({ keys: [{ kty: 'EC', kid: 'k1' }] });
});
