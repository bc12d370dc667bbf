// How a Versio token travels: in the apiToken scheme or the apiToken parameter, in one place, and no further.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../server.ts';
import { call, environmentToken, path } from './environment.ts';

describe.each(['sqlite', 'postgres'] as const)('presenting a token on %s', (database) => {
  let server: TestServer;
  let secret: string;
  beforeAll(async () => {
    server = await startServer({ database });
    ({ secret } = await environmentToken(server, 'presented'));
  });
  afterAll(() => server.stop());

  it('takes the token in the apiToken scheme', async () => {
    expect((await call(server, `apiToken ${secret}`)).status).toBe(200);
  });

  it('takes the token in the apiToken query parameter', async () => {
    expect((await call(server, undefined, `${path}?apiToken=${secret}`)).status).toBe(200);
  });
});

describe('the one place for a token', () => {
  let server: TestServer;
  let secret: string;
  beforeAll(async () => {
    server = await startServer();
    ({ secret } = await environmentToken(server, 'presented'));
  });
  afterAll(() => server.stop());

  it.each(['apitoken', 'APITOKEN', 'ApiToken'])('reads the scheme without regard to case: %s', async (scheme) => {
    expect((await call(server, `${scheme} ${secret}`)).status).toBe(200);
  });

  it('takes the same token as a bearer, and in both ways on routes of other dialects', async () => {
    expect((await call(server, `Bearer ${secret}`)).status).toBe(200);
    const { secret: files } = await environmentToken(server, 'files', { permissions: ['read:files'] });
    const other = '/api/1.0/open/files/supported-formats';
    expect((await call(server, `apiToken ${files}`, other)).status).toBe(200);
    expect((await call(server, undefined, `${other}?apiToken=${files}`)).status).toBe(200);
  });

  it('shows the query token to neither the upstream, the log nor any cache [S5]', async () => {
    const response = await call(server, undefined, `${path}?first=1&apiToken=${secret}&last=2`);
    const echoed = await response.text();
    expect(response.status).toBe(200);
    expect(echoed).toMatch(/first=1/);
    expect(echoed).toMatch(/last=2/);
    expect(echoed).not.toMatch(/apiToken/i);
    expect(echoed).not.toContain(secret);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(server.logs()).not.toContain(secret);
  });

  it('shows the header token to neither the upstream nor the log', async () => {
    const response = await call(server, `apiToken ${secret}`);
    expect(await response.text()).not.toContain(secret);
    expect(server.logs()).not.toContain(secret);
  });

  it.each([
    ['in header and query', (token: string) => [`apiToken ${token}`, `${path}?apiToken=${token}`]],
    ['as bearer and in the query', (token: string) => [`Bearer ${token}`, `${path}?apiToken=${token}`]],
    ['twice in the query', (token: string) => [undefined, `${path}?apiToken=${token}&apiToken=${token}`]],
  ] as const)('refuses a token sent %s with 400 and details [S6]', async (_where, present) => {
    const [authorization, at] = present(secret);
    const response = await call(server, authorization, at);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toEqual({ status: 400, message: 'Bad request', details: [expect.stringMatching(/one/)] });
    expect(text).not.toContain(secret);
  });
});

describe('with the dialect switched off', () => {
  it('takes neither the scheme nor the parameter for a credential', async () => {
    const server = await startServer({ dialects: { versio: false } });
    try {
      const { secret } = await environmentToken(server, 'presented');
      expect((await call(server, `apiToken ${secret}`)).status).toBe(401);
      expect((await call(server, undefined, `${path}?apiToken=${secret}`)).status).toBe(401);
      expect((await call(server, `Bearer ${secret}`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
