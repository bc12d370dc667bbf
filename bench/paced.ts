// A load beside the load: so many requests in a second and no more, whatever becomes of the answers' speed.

import { type Load, openLoadConnection } from './load.ts';

export interface Pace extends Pick<Load, 'url' | 'request' | 'status'> {
  perSecond: number;
}

export interface Paced {
  /** Resolves with how many were answered, once none is under way. Rejects with the answer that was not expected. */
  stop(): Promise<number>;
}

/** More requests are never under way: a server that cannot keep up gets fewer, and the figure shows it. */
const mostAtOnce = 32;
const tickMs = 2;

/** Starts at once. What is late is sent at the next chance. */
export async function pace({ perSecond, ...load }: Pace): Promise<Paced> {
  const idle = await Promise.all(Array.from({ length: mostAtOnce }, () => openLoadConnection(load)));
  const all = [...idle];
  const began = performance.now();
  let [sent, answered] = [0, 0];
  let failure: Error | null = null;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1000);
    while (sent < due && failure === null) {
      const connection = idle.pop();
      if (connection === undefined) return;
      sent += 1;
      const done = () => {
        answered += 1;
        idle.push(connection);
      };
      connection.ask(done, (error) => {
        failure = error;
      });
    }
  }, tickMs);
  return {
    async stop() {
      clearInterval(timer);
      while (answered < sent && failure === null) await new Promise((resolve) => setTimeout(resolve, tickMs));
      for (const connection of all) connection.end();
      if (failure !== null) throw failure;
      return answered;
    },
  };
}
