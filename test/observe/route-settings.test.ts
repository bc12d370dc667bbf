// What `observe` of a route may say in keyward.yaml: a time within 30 days. Anything else stops the start in plain words; a time that
// has passed counts, since a server must start again without somebody tidying up.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../server/src/config/config.ts';

const day = 24 * 3_600_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-observe-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function routesWith(observe: string, permissions = "['read:orders']") {
  const route = `{ path: /orders, permissions: ${permissions}, observe: ${observe}, upstream: 'http://127.0.0.1:9' }`;
  writeFileSync(join(folder, 'keyward.yaml'), `data: ${folder}/data\nroutes: [${route}]\n`);
  return loadConfig({}, {}, folder).routes;
}
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

describe('observe', () => {
  test.each([29, 0.01, -1, -400])('may be a time %d days from now, quoted or not', (days) => {
    const time = inDays(days);
    for (const text of [time, `'${time}'`]) expect(routesWith(text)[0]?.observedUntil).toBe(Date.parse(time));
  });

  test.each([
    [inDays(31), 'observe must be a time within the next 30 days'],
    ['9999-12-31T00:00:00Z', 'observe must be a time within the next 30 days'],
    ['soon', 'observe must be a time, such as 2030-01-31T12:00:00Z'],
    ['14d', 'observe must be a time, such as 2030-01-31T12:00:00Z'],
    ['true', 'observe must be a time, such as 2030-01-31T12:00:00Z'],
    ['1', 'observe must be a time, such as 2030-01-31T12:00:00Z'],
    ["'2030-01-31'", 'observe must be a time, such as 2030-01-31T12:00:00Z'],
    ['[]', 'observe must be a time, such as 2030-01-31T12:00:00Z'],
  ])('may not be %s', (text, words) => {
    expect(() => routesWith(text)).toThrow(ConfigError);
    expect(() => routesWith(text)).toThrow(words);
    expect(() => routesWith(text)).toThrow('/orders');
  });

  test('is of permissions, and a route that needs none has nothing to observe', () => {
    expect(() => routesWith(inDays(1), '[]')).toThrow('observe is of permissions, and the route needs none');
  });
});
