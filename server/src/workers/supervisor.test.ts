// The supervisor over workers that are no processes: who is started, killed, told and waited for.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FromSupervisor, FromWorker } from './messages.ts';
import { type SupervisorOptions, supervise } from './supervisor.ts';

interface Started {
  heard(message: FromWorker): void;
  ended(code: number): void;
  said: FromSupervisor[];
  signals: string[];
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begin(count: number) {
  const started: Started[] = [];
  const lines: string[] = [];
  let now = 0;
  const log = {
    warn: (_: object, text: string) => lines.push(text),
    error: (_: object, text: string) => lines.push(text),
  };
  const options: SupervisorOptions = {
    count,
    start(on) {
      const one: Started = { ...on, said: [], signals: [] };
      started.push(one);
      return { send: (message) => void one.said.push(message), signal: (name) => void one.signals.push(name) };
    },
    log,
    now: () => now,
    clock: () => 1_800_000_000_000 + now,
  };
  const supervisor = supervise(options);
  const pass = async (ms: number) => {
    now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { supervisor, started, lines, pass };
}

const nth = (started: readonly Started[], index: number): Started => {
  const one = started[index];
  if (one === undefined) throw new Error(`Only ${started.length} workers were started.`);
  return one;
};
const ask = (id: number, name: 'place' | 'turn'): FromWorker => ({ keyward: 'ask', id, name, args: [] });

describe('the supervisor', () => {
  test('starts the others when the first one takes requests', async () => {
    const { supervisor, started } = begin(3);
    expect(started).toHaveLength(1);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    expect(started).toHaveLength(3);
    for (const one of started) one.heard({ keyward: 'ready', port: 4711 });
    expect(await supervisor.ready).toBe(null);
  });

  test('ends with the code of a first worker that could not start, and tries no second time', async () => {
    const { supervisor, started } = begin(2);
    nth(started, 0).ended(2);
    expect(await supervisor.ready).toBe(2);
    expect(started).toHaveLength(1);
  });

  test('fills the place of a worker that died at once, and later each time if it dies soon', async () => {
    const { started, lines, pass } = begin(2);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    nth(started, 1).heard({ keyward: 'ready', port: 4711 });
    await pass(20_000);
    nth(started, 1).ended(1);
    await pass(0);
    expect(started).toHaveLength(3);
    nth(started, 2).ended(1);
    await pass(0);
    nth(started, 3).ended(1);
    await pass(99);
    expect(started).toHaveLength(4);
    await pass(1);
    expect(started).toHaveLength(5);
    expect(lines).toEqual(Array(3).fill('a worker ended, and is started again'));
  });

  test('lets another one write when the one whose turn it is dies', async () => {
    const { started, pass } = begin(2);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    const [first, second] = [nth(started, 0), nth(started, 1)];
    first.heard(ask(1, 'turn'));
    second.heard(ask(1, 'turn'));
    await pass(0);
    expect(first.said).toEqual([{ keyward: 'answer', id: 1, value: undefined }]);
    expect(second.said).toEqual([]);
    first.ended(1);
    await pass(0);
    expect(second.said).toEqual([{ keyward: 'answer', id: 1, value: undefined }]);
  });

  test('kills a worker that does not end its write, so that others can', async () => {
    const { started, pass, lines } = begin(2);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    nth(started, 0).heard(ask(1, 'turn'));
    await pass(14_000);
    expect(nth(started, 0).signals).toEqual([]);
    await pass(3_000);
    expect(nth(started, 0).signals[0]).toBe('SIGKILL');
    expect(lines).toContain('a worker did not end its write, and is killed');
  });

  test('tells the others of what one has committed, and not itself', async () => {
    const { started, pass } = begin(3);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    nth(started, 0).heard(ask(1, 'turn'));
    await pass(0);
    nth(started, 0).heard({ keyward: 'turnOver', committed: true });
    const news = started.map(({ said }) => said.filter(({ keyward }) => keyward === 'news').length);
    expect(news).toEqual([0, 1, 1]);
  });

  test('stops when all have ended, with the worst of their codes, and starts nobody meanwhile', async () => {
    const { supervisor, started, pass } = begin(2);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    nth(started, 1).heard({ keyward: 'ready', port: 4711 });
    const stopped = supervisor.stop();
    expect(started.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM']]);
    nth(started, 0).ended(0);
    nth(started, 1).ended(1);
    expect(await stopped).toBe(1);
    await pass(60_000);
    expect(started).toHaveLength(2);
  });

  test('says to each worker which it is, and the same start to all', async () => {
    const { started, pass } = begin(2);
    nth(started, 0).heard({ keyward: 'ready', port: 4711 });
    for (const one of started) one.heard(ask(9, 'place'));
    await pass(0);
    const places = started.map(({ said }) => said.map((one) => ('value' in one ? one.value : null))[0]);
    expect(places).toEqual([
      { number: 1, isFirst: true, startId: expect.any(String), epochAt: 1_800_000_000_000, port: 4711 },
      { number: 2, isFirst: false, startId: expect.any(String), epochAt: 1_800_000_000_000, port: 4711 },
    ]);
    expect(new Set((places as { startId: string }[]).map(({ startId }) => startId)).size).toBe(1);
  });
});
