// The live feed over HTTP: the journal as server-sent events, and what verifiers say back about it. What is told to whom,
// and for how long, is core's to say.

import { Readable } from 'node:stream';
import { FeedAcknowledgement, type FeedChange, type FeedHeartbeat, type FeedHello, FeedQuery } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { invalid, KeywardError } from '../../core/errors.ts';
import { heartbeatMs, type Subscription } from '../../core/feed/subscribers.ts';
import { concernedOrganization, type TailEntry } from '../../core/journal/tail.ts';
import { credentialText } from '../credential-location.ts';
import { Nothing } from './action.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';
import { toTime } from './time.ts';

export function mountFeed(scope: Scope, core: Core): void {
  scope.get('/v1/feed', { schema: { querystring: FeedQuery } }, async (request, reply) => {
    const { cursor, epoch, verifier } = request.query;
    const seen = request.headers['last-event-id'];
    const caller = callerOf(request);
    if (caller.session !== undefined) {
      throw new KeywardError('forbidden', 'The feed is for programs: follow it with a credential of its own.');
    }
    const following = await core.follow(caller, {
      credential: credentialText(request.presented()),
      address: request.clientAddress,
      // What a client of server-sent events has seen since is newer than the address that it calls.
      cursor: cursorIn('header', 'last-event-id', seen) ?? cursorIn('query', 'cursor', cursor),
      epoch: epoch ?? null,
      verifier: verifier ?? null,
      cut: () => reply.raw.destroy(),
    });
    const events = Readable.from(eventsOf(following), { objectMode: false });
    // A generator that waits does not notice that nobody reads any more, and its stream closes only after it has.
    reply.raw.once('close', following.close);
    // The client may have gone while its place was made.
    if (reply.raw.closed) following.close();
    return reply
      .headers({
        'content-type': 'text/event-stream',
        // Proxies must pass every event on at once.
        'x-accel-buffering': 'no',
        // So that nothing holds the connection, and with it the end of the server, once the feed is over.
        connection: 'close',
      })
      .send(events);
  });

  const acknowledge = { body: FeedAcknowledgement, querystring: NoQuery, response: { 204: Nothing } };
  scope.post('/v1/feed/acknowledgements', { schema: acknowledge }, async (request, reply) => {
    await core.acknowledge(callerOf(request), request.body);
    return reply.code(204).send(null);
  });
}

async function* eventsOf({ cursor, epoch, reset, told }: Subscription): AsyncGenerator<string, void> {
  yield event('hello', { cursor, epoch, reset, heartbeatMs } satisfies FeedHello);
  for await (const next of told) {
    if ('changes' in next) yield next.changes.map(changeEvent).join('');
    else if ('forget' in next)
      yield event('hello', { cursor: next.forget, epoch, reset: true, heartbeatMs } satisfies FeedHello);
    else yield event('heartbeat', { cursor: next.heartbeat } satisfies FeedHeartbeat);
  }
}

/** What thousands of followers are told of the same entry is written once. */
const written = new Map<TailEntry, string>();
const mostWritten = 500;

function changeEvent(entry: TailEntry): string {
  const known = written.get(entry);
  if (known !== undefined) return known;
  if (written.size >= mostWritten) written.clear();
  const text = writeChange(entry);
  written.set(entry, text);
  return text;
}

function writeChange(entry: TailEntry): string {
  const { seq, at, action, subject } = entry;
  const { type, id } = subject;
  const organizationId = concernedOrganization(entry);
  const change: FeedChange = { seq, at: toTime(at), organizationId, action, subject: { type, id } };
  return `id: ${seq}\n${event('change', change)}`;
}

/** JSON has no line breaks of its own, so one line of data holds it. */
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function cursorIn(part: 'header' | 'query', name: string, text: string | string[] | undefined): number | null {
  if (text === undefined) return null;
  const cursor = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(cursor)) return cursor;
  throw invalid([part, name], 'Use the number of an entry of the journal.');
}
