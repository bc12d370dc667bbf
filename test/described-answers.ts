// A test of a wire fails if an answer in it has a status that the description of the API does not tell of: each of them is
// set up with this. In other tests it does nothing.

import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Described } from './openapi/described.ts';

const isWire = /\/test\/wire\//.test(expect.getState().testPath ?? '');

if (isWire) {
  const faults: string[] = [];
  const real = globalThis.fetch;
  let described: Described;

  beforeAll(async () => {
    const { describedApi } = await import('./openapi/described.ts');
    described = await describedApi();
  });
  globalThis.fetch = async (input, init) => {
    const answer = await real(input, init);
    const { pathname } = new URL(answer.url);
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    const fault = described?.fault(method.toUpperCase(), pathname, answer.status);
    const tags = described?.operationFor(method.toUpperCase(), pathname)?.tags ?? [];
    // A dialect that is off has none of its paths.
    const isOff = answer.status === 404 && !tags.includes('native');
    if (fault !== undefined && !isOff) faults.push(fault);
    return answer;
  };
  afterAll(() => {
    globalThis.fetch = real;
  });
  afterEach(() => {
    expect(faults.splice(0), 'an operation with another answer needs a word in `fails` or `answers`').toEqual([]);
  });
}
