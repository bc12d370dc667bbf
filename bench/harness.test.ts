// The harness's arithmetic and its report, on made-up numbers; nothing is measured here.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseStat } from './cpu.ts';
import type { Figure, Row } from './figure.ts';
import { drive } from './load.ts';
import { selfTimes } from './profile.ts';
import { judge, ratios, summarise, together } from './ratio.ts';
import { plain, section, withSection } from './results.ts';
import { interleave } from './rounds.ts';

describe('ratios', () => {
  test('pairs the rounds, so that a slow spell that hits both sides changes nothing', () => {
    expect(summarise(ratios([10, 100, 20], [20, 200, 40]))).toEqual({ median: 0.5, min: 0.5, max: 0.5 });
  });

  test('takes the median of the ratios, which one wild round does not move', () => {
    expect(summarise(ratios([10, 10, 90], [20, 20, 20]))).toEqual({ median: 0.5, min: 0.5, max: 4.5 });
  });

  test('takes the middle of the two middle values of an even number of rounds', () => {
    expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  test('adds costs round by round for the harmonic bound', () => {
    expect(together([1, 2], [10, 20])).toEqual([11, 22]);
  });

  test('refuses nothing at all and rounds without a partner', () => {
    expect(() => summarise([])).toThrow();
    expect(() => ratios([1, 2], [1])).toThrow();
  });

  test('judges by the mark that is reached, in either direction', () => {
    expect([0.59, 0.6, 0.8].map((value) => judge(value, 0.6, 0.8, 'more'))).toEqual(['below floor', 'floor', 'goal']);
    expect([2, 1.2].map((value) => judge(value, null, 1.3, 'less'))).toEqual(['below goal', 'goal']);
    expect([4.1, 4, 2.5].map((value) => judge(value, 4, 2.5, 'less'))).toEqual(['below floor', 'floor', 'goal']);
  });
});

test('reads CPU times from /proc whatever a process calls itself', () => {
  const text = '42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 17 3 40 5 20 0 11 0 100 1000 200 1844';
  expect(parseStat(text)).toEqual({ own: 200, children: 450 });
});

test('asks every contestant once a round, in turn, and keeps no warm-up', async () => {
  const asked: string[] = [];
  const sample = (name: string) => async () => asked.push(name);
  const costs = await interleave({ rounds: 2, warmUps: 1 }, { a: sample('a'), b: sample('b') });
  expect(asked).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect(costs).toEqual({ a: [3, 5], b: [4, 6] });
});

describe('load', () => {
  async function serving<T>(
    status: number,
    use: (url: string, bodies: string[]) => Promise<T>,
    framing: Readonly<Record<string, string | number>> = { 'content-length': 2 },
  ): Promise<T> {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.writeHead(status, framing);
      // In two pieces, as a network may bring it.
      response.write('o');
      setTimeout(() => response.end('k'), 1);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies);
    } finally {
      server.close();
    }
  }
  const request = { method: 'POST', path: '/', body: (number: number) => `n${number}` } as const;

  test('sends as many requests as asked for, each with a body of its own', async () => {
    await serving(200, async (url, bodies) => {
      await drive({ url, request, status: 200, requests: 50, connections: 4 });
      expect(new Set(bodies).size).toBe(50);
    });
  });

  test('takes answers in chunks, one after the other on a connection', async () => {
    await serving(
      200,
      async (url, bodies) => {
        await drive({ url, request, status: 200, requests: 10, connections: 2 });
        expect(bodies).toHaveLength(10);
      },
      { 'transfer-encoding': 'chunked' },
    );
  });

  test('ends at the first answer that is not the expected one, and shows it', async () => {
    await serving(401, async (url) => {
      const run = drive({ url, request, status: 200, requests: 50, connections: 4 });
      await expect(run).rejects.toThrow('HTTP/1.1 401');
    });
  });
});

describe('results', () => {
  const figure: Figure = { title: 'starting', method: 'It starts.', measure: async () => [] };
  const row: Row = {
    work: 'a / b',
    value: { median: 0.5, min: 0.4, max: 0.6 },
    budget: { floor: 0.4, goal: 0.9, better: 'more' },
    costs: { a: '1 ms' },
  };
  const run = { rounds: 7, big: false };

  test('replaces the section of a figure that was measured again, and keeps the others in order', () => {
    const first = withSection(withSection('', section('P10', figure, [row], run)), section('P5', figure, [row], run));
    const again = withSection(first, section('P10', figure, [{ ...row, work: 'c / d' }], { rounds: 15, big: true }));
    expect(again.match(/^## P\d+/gm)).toEqual(['## P5', '## P10']);
    expect(again).toContain('c / d');
    expect(again).toContain('npm run bench -- P10 --rounds 15 --big');
    expect(again.match(/a \/ b/g)).toHaveLength(1);
  });

  test('says the median, the range, the marks and what was reached', () => {
    expect(plain('P9', [row])).toContain('0.50 (0.40 to 0.60)  floor 0.4, goal 0.9: floor');
  });
});

test('adds up where the samples of a profile fell, and leaves out idling', () => {
  const frame = (functionName: string) => ({ functionName, url: '', lineNumber: 0, columnNumber: 0 });
  const nodes = ['work', '(idle)'].map((name, id) => ({ id, callFrame: frame(name) }));
  const times = selfTimes({ nodes, samples: [0, 1, 0], timeDeltas: [10, 500, 30] }, 4, (one) => one.functionName);
  expect(times).toEqual([{ place: 'work', us: 10 }]);
});
