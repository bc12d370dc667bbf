// Two servers that differ in nothing but the fast path, and whether they answer a conversation alike. Dates are left out,
// as are the lines about the connection: which of two answers is the last, and with it all that follows, is compared.

import { connect } from 'node:net';
import { native } from '../../server/src/dialects/native.ts';
import { oauth2 } from '../../server/src/dialects/oauth2.ts';
import { type Running, start, stubCore } from '../../server/src/http/app.test-support.ts';
import type { Conversation } from './http-requests.ts';

export interface Pair {
  /** What both answered, if they did alike. Throws an Error that shows both otherwise. */
  compare(conversation: Conversation): Promise<string>;
  close(): Promise<void>;
}

/** Starts both. */
export async function startPair(): Promise<Pair> {
  const core = stubCore();
  const verdictFor = (_caller: unknown, credential: string) => core.verify(credential);
  const introspectRefreshToken = () => null;
  const introspect = async (_caller: unknown, text: string) => {
    const verdict = await core.verify(text);
    const { principal } = verdict as { principal?: unknown };
    const nothing = { clientId: 'client', actor: null, audience: null, jti: null, key: null };
    return verdict.allowed ? { principal, ...nothing } : null;
  };
  const route = { path: '/items/:id', methods: ['GET'], permissions: ['read:items'], dialect: null } as const;
  const begin = (fastPath: boolean) =>
    start({
      dialects: [native, oauth2],
      core: stubCore({ verdictFor, introspect, introspectRefreshToken } as never),
      guarded: [route],
      trustedProxies: ['127.0.0.1'],
      fastPath,
    });
  const [fast, slow] = [await begin(true), await begin(false)];
  return {
    async compare(conversation) {
      const [one, other] = await Promise.all([converse(fast, conversation), converse(slow, conversation)]);
      if (one === other) return one;
      throw new Error(`The fast path answered\n${one}\nwhere Node and the router answered\n${other}`);
    },
    async close() {
      await Promise.all([fast.close(), slow.close()]);
    },
  };
}

/** Sends it, says no more, and gives back all that is answered until the server ends the connection. */
function converse({ port }: Running, { text, cuts }: Conversation): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    let heard = '';
    const giveUp = setTimeout(() => socket.destroy(new Error('No end came.')), 20_000);
    socket.on('data', (piece) => {
      heard += piece.toString('latin1');
    });
    socket.on('error', (error) => {
      if ((error as NodeJS.ErrnoException).code === undefined) heard += String(error);
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(giveUp);
      resolve(comparable(heard));
    });
    const send = (at: number, turn: number): void => {
      if (at >= text.length) {
        socket.end();
        return;
      }
      const end = at + (cuts[turn % cuts.length] ?? 1);
      socket.write(text.slice(at, end), 'latin1', () => setImmediate(send, end, turn + 1));
    };
    send(0, 0);
  });
}

/** Without what differs from second to second, and without the order of a head's lines, which means nothing. */
function comparable(answers: string): string {
  return answers
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .map((answer) => {
      const [head = '', ...rest] = answer.split('\r\n\r\n');
      const [status = '', ...lines] = head.split('\r\n');
      const kept = lines
        .map((one) => one.replace(/^[^:]+/, (name) => name.toLowerCase()))
        .filter((one) => !/^(?:date|connection|keep-alive|x-request-id):/.test(one));
      return [status, ...kept.toSorted(), '', rest.join('\r\n\r\n')].join('\n');
    })
    .join('\n');
}
