// A client of the feed that keeps all it is told, and when. For tests only.

import type { FeedChange, FeedHeartbeat, FeedHello } from '../../sdk/src/wire.ts';

export interface Received<T> {
  data: T;
  /** `performance.now()` */
  at: number;
  id: string | undefined;
}

export interface Feed {
  status: number;
  headers: Headers;
  hello: FeedHello;
  /** The first and those that came later. */
  hellos: Received<FeedHello>[];
  changes: Received<FeedChange>[];
  heartbeats: Received<FeedHeartbeat>[];
  /** Resolves when the feed is over: how, and when. */
  over: Promise<{ cleanly: boolean; at: number }>;
  /** Breaks the connection. */
  kill(): Promise<void>;
}

export interface FollowOptions {
  cursor?: number;
  verifier?: string;
  headers?: Record<string, string>;
}

/** Opens a feed; throws the answer's text if it is refused. */
export async function follow(url: string, bearer: string, options: FollowOptions = {}): Promise<Feed> {
  const { cursor, verifier, headers = {} } = options;
  const query = new URLSearchParams();
  if (cursor !== undefined) query.set('cursor', String(cursor));
  if (verifier !== undefined) query.set('verifier', verifier);
  const controller = new AbortController();
  const answer = await fetch(`${url}/v1/feed?${query}`, {
    headers: { authorization: `Bearer ${bearer}`, ...headers },
    signal: controller.signal,
  });
  if (answer.status !== 200 || answer.body === null) throw new Error(`${answer.status} ${await answer.text()}`);
  const said = Promise.withResolvers<FeedHello>();
  const feed: Omit<Feed, 'hello'> = {
    status: answer.status,
    headers: answer.headers,
    hellos: [],
    changes: [],
    heartbeats: [],
    over: read(answer.body, (name, id, data) => {
      const at = performance.now();
      if (name === 'hello') {
        feed.hellos.push({ data: data as FeedHello, at, id });
        said.resolve(data as FeedHello);
      } else if (name === 'change') feed.changes.push({ data: data as FeedChange, at, id });
      else if (name === 'heartbeat') feed.heartbeats.push({ data: data as FeedHeartbeat, at, id });
      else throw new Error(`What is ${name}?`);
    }),
    async kill() {
      controller.abort();
      await feed.over;
    },
  };
  return { ...feed, hello: await said.promise };
}

/** Says everything up to `cursor` is applied. */
export async function acknowledge(url: string, bearer: string, verifier: string, cursor: number): Promise<number> {
  const answer = await fetch(`${url}/v1/feed/acknowledgements`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ verifier, cursor }),
  });
  await answer.text();
  return answer.status;
}

async function read(
  body: ReadableStream<Uint8Array>,
  take: (name: string, id: string | undefined, data: unknown) => void,
): Promise<{ cleanly: boolean; at: number }> {
  let text = '';
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const fields = new Map(event.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
        take(fields.get('event') ?? '', fields.get('id'), JSON.parse(fields.get('data') ?? ''));
      }
    }
    return { cleanly: text === '', at: performance.now() };
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('What is')) throw error;
    return { cleanly: false, at: performance.now() };
  }
}
