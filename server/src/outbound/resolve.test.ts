// How host names are resolved, by name servers on this machine that answer and that never do.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NameServer, startNameServer } from './name-server.test-support.ts';
import { createResolve } from './resolve.ts';

let server: NameServer;

beforeEach(async () => {
  server = await startNameServer();
});

afterEach(() => server.stop());

const resolveWith = (...hosts: string[]) => createResolve({ hosts: new Set(hosts) }, [server.address]);

describe('the addresses of a host name', () => {
  it('are asked of name servers, IPv4 and IPv6, IPv4 first', async () => {
    server.addresses.A = [[192, 0, 2, 1]];
    server.addresses.AAAA = [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]];
    const resolve = resolveWith();
    expect(await resolve('issuer.test', new AbortController().signal)).toEqual(['192.0.2.1', '2001:db8::1']);
    server.addresses.A = [];
    expect(await resolve('issuer.test', new AbortController().signal)).toEqual(['2001:db8::1']);
    server.addresses.AAAA = [];
    expect(await resolve('issuer.test', new AbortController().signal)).toEqual([]);
  });

  it('are not waited for when the time is over, and not asked for again', async () => {
    server.isSilent = true;
    const deadline = new AbortController();
    const resolved = resolveWith()('issuer.test', deadline.signal);
    await expect.poll(() => server.asked.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
    const { length } = server.asked;
    deadline.abort();
    expect(await resolved).toEqual([]);
    expect(server.asked).toHaveLength(length);
    await expect(resolveWith()('issuer.test', deadline.signal)).rejects.toThrow();
  });

  it('are the system’s to tell where the operator named the host, and only there', async () => {
    server.addresses.A = [[192, 0, 2, 1]];
    const resolve = resolveWith('localhost');
    const { signal } = new AbortController();
    expect(await resolve('localhost', signal)).toContainEqual(expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/));
    expect(server.asked).toEqual([]);
    expect(await resolveWith()('localhost', signal)).toEqual(['192.0.2.1']);
  });
});
