// How the `cors` field of a route is read.

import { expect, test } from 'vitest';
import { readRoutes } from './route.ts';

const read = (cors: unknown) =>
  readRoutes([{ path: '/a', methods: ['GET', 'POST'], upstream: 'http://127.0.0.1:1', cors }])[0]?.cors;

test('a policy needs its origins alone, and is read whole', () => {
  expect(read({ origins: 'https://a.example, http://localhost:5173' })).toEqual({
    origins: ['https://a.example', 'http://localhost:5173'],
    exposeHeaders: [],
    credentials: false,
  });
  const whole = {
    origins: ['https://a.example'],
    methods: ['GET', 'HEAD'],
    headers: ['Authorization'],
    exposeHeaders: ['X-Total'],
    maxAgeSeconds: 0,
    credentials: true,
  };
  expect(read({ ...whole, methods: ['get', 'head'] })).toEqual(whole);
  expect(read(null)).toBeNull();
});

test.each([
  ['https://a.example', 'a map with origins'],
  [{}, 'cors.origins must be some'],
  [{ origins: [] }, 'cors.origins must be some'],
  [{ origins: ['https://a.example/path'] }, '"https://a.example/path" is not'],
  [{ origins: ['a.example'] }, '"a.example" is not'],
  [{ origins: ['https://*.a.example'] }, 'is not'],
  [{ origins: ['null'] }, '"null" is not'],
  [{ origins: 7 }, 'cors.origins must be a list'],
  [{ origin: '*' }, 'did you mean "origins"'],
  [{ origins: '*', credentials: true }, 'cors.credentials needs origins by name'],
  [{ origins: '*', credentials: 'yes' }, 'cors.credentials must be true or false'],
  [{ origins: '*', methods: ['DELETE'] }, "cors.methods must be some of the route's own: GET, POST"],
  [{ origins: '*', methods: [] }, 'cors.methods must be some'],
  [{ origins: '*', headers: ['*'] }, 'cors.headers must be names of headers'],
  [{ origins: '*', exposeHeaders: ['X\r\nY'] }, 'cors.exposeHeaders must be names of headers'],
  [{ origins: '*', maxAgeSeconds: -1 }, 'cors.maxAgeSeconds must be seconds'],
  [{ origins: '*', maxAgeSeconds: 1.5 }, 'cors.maxAgeSeconds must be whole seconds'],
])('%j is refused, and what is wrong is said', (cors, words) => {
  expect(() => read(cors)).toThrow(words);
});

test('a policy says nothing without an upstream, and is refused', () => {
  expect(() => readRoutes([{ path: '/a', cors: { origins: '*' } }])).toThrow('cors needs an upstream');
});
