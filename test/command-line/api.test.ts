// What a script may rely on that asks the API itself: answers as they come, whatever they are, and the exit code.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Place, startPlace } from './place.ts';

let place: Place;
let id: string;
beforeAll(async () => {
  place = await startPlace();
  const { body } = await place.api<{ token: { id: string } }>('POST', '/v1/tokens', {
    name: 'asked-about',
    permissions: ['read:funds'],
  });
  id = body.token.id;
});
afterAll(() => place.stop());

describe('keyward api', () => {
  test('prints what is there as it came, on one line, with a line break at its end', async () => {
    const { code, output, errors } = await place.keyward(['api', '/v1/self']);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(output)).toEqual((await place.api('GET', '/v1/self')).body);
  });

  test('prints nothing for an answer that is empty, and is done', async () => {
    for (const flags of [[], ['--json']]) {
      const ran = await place.keyward(['api', 'POST', `/v1/tokens/${id}/activate`, ...flags]);
      expect(ran).toEqual({ code: 0, output: '', errors: '' });
    }
    const head = await place.keyward(['api', 'POST', `/v1/tokens/${id}/activate`, '--include']);
    expect(head.output).toMatch(/^HTTP 204\n/);
  });

  test.each([
    ['is not there', ['GET', '/v1/tokens/00000000-0000-4000-8000-000000000000'], 404],
    ['lacks something', ['POST', '/v1/tokens', '-f', 'name=x'], 400],
    ['is no route', ['GET', '/v1/nothing'], 404],
  ])(
    'of what %s prints the error as it came, tells it in words beside it, and exits with 1',
    async (_, args, status) => {
      const { code, output, errors } = await place.keyward(['api', ...args]);
      expect([code, JSON.parse(output)]).toEqual([1, expect.objectContaining({ status })]);
      expect(errors).not.toBe('');
      expect(errors).not.toContain('{');
      const json = await place.keyward(['api', ...args, '--json']);
      expect([json.code, json.output]).toEqual([1, expect.stringContaining(`"status":${status}`)]);
      expect(JSON.parse(json.errors)).toMatchObject({ error: expect.any(String), problem: { status } });
    },
  );

  test('exits with 2 for what is not even asked', async () => {
    for (const args of [['v1/self'], ['FETCH', '/v1/self'], ['//evil.example/x'], ['/v1/tokens', '-f', 'novalue']]) {
      const { code, output } = await place.keyward(['api', ...args]);
      expect([args, code, output]).toEqual([args, 2, '']);
    }
  });

  test('passes on what is no JSON, byte by byte, in a pipe', async () => {
    const { output } = await place.keyward(['api', '/v1/journal/export?format=csv']);
    expect(output).toMatch(/^seq,/);
  });

  test('tells a server that is none of Keyward’s, and follows no redirect with the credential', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(request.url === '/v1/self' ? 302 : 500, { location: '/stolen', 'content-type': 'text/html' });
      response.end('<h1>Oops</h1>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    try {
      for (const [path, status] of [
        ['/v1/self', 302],
        ['/v1/tokens', 500],
      ] as const) {
        const environment = { KEYWARD_URL: url, KEYWARD_TOKEN: 'kw_x' };
        const { code, output, errors } = await place.keyward(['api', path], { environment });
        expect([code, output]).toEqual([1, '<h1>Oops</h1>']);
        expect(errors).toMatch(new RegExp(`answered ${status}[\\s\\S]*the address of a Keyward server`));
      }
      expect(asked).not.toContain('/stolen');
    } finally {
      other.close();
    }
  });
});

test('--json prints nothing after what has no answer, and the answer after what has one', async () => {
  const token = (...args: string[]) => place.keyward(['tokens', ...args, '--json']);
  expect(await token('deactivate', id)).toEqual({ code: 0, output: '', errors: '' });
  expect(JSON.parse((await token('deactivate', id, '--receipt', '2s')).output)).toMatchObject({
    of: expect.any(Number),
  });
});
