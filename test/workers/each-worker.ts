// Asks every worker: each call on a connection of its own, and the supervisor hands connections out in turn. For tests.

import { request } from 'node:http';

export interface Answer {
  status: number;
  body: string;
}

/** One call on a new connection. */
export function callAnew(url: string, path: string, bearer: string, method = 'GET', body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${bearer}`,
      'x-forwarded-proto': 'https',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const asked = request(new URL(path, url), { method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The statuses of as many calls as there are workers, and one more. */
export async function statusesOfEach(url: string, path: string, bearer: string, workers: number): Promise<number[]> {
  const calls = Array.from({ length: workers + 1 }, () => callAnew(url, path, bearer));
  return (await Promise.all(calls)).map(({ status }) => status);
}
