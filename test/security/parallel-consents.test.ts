// Two nodes let the same application act for the same person, or end that, at the same time: what is shown afterwards is what
// may be done, and nobody is answered with a fault of the server's own.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuthorizationList, ConsentOutcome } from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { register } from '../assembled-server.ts';
import { overlapping } from '../feed/held-journal.ts';
import { type Nodes, startNodes } from '../feed/nodes.ts';
import type { Answered } from '../wire/native/calls.ts';
import { type Page, signedIn } from '../wire/native/session-client.ts';
import { askedOf, pkce, redeem, requestOf, type TestApplication } from '../wire/oauth2/application-flow.ts';

const redirectUri = 'https://reports.example/callback';
let all: Nodes;
/** The same person on each node. */
let pages: Page[];

beforeAll(async () => {
  all = await startNodes(2, 'postgres', true);
  const { server } = all.node(0);
  await register(server, 'read:a', 'read:b', 'read:c');
  const email = 'one@people.example';
  const { password } = await server.core.createUser(systemIn(all.organization), { email, name: 'One', role: 'owner' });
  pages = [];
  for (const node of all.all) pages.push(await signedIn(node, { email, password }));
});
afterAll(() => all?.stop());

async function application(): Promise<TestApplication> {
  const wanted = { name: 'Reports', type: 'public', redirectUris: [redirectUri], permissions: ['read:*'] } as const;
  const made = await all.node(0).server.core.createApplication(all.owner, wanted);
  return { id: made.application.id, secret: null, redirectUri };
}

/** Somebody is asked at a node and about to allow it. What the database kept waiting too long is sent again. */
async function asked(node: number, app: TestApplication, name: string) {
  const { verifier, challenge } = pkce();
  const request = await askedOf(all.node(node), requestOf(app, challenge, { scope: name }));
  const body = { request, allow: true, permissions: [name] };
  const allow = () => sent<ConsentOutcome>(node, 'POST', '/v1/consents', body);
  const redeemed = ({ body }: Answered<ConsentOutcome>) => {
    const code = new URL(body.redirectTo).searchParams.get('code') ?? '';
    return redeem(all.node(node), app, { code, verifier });
  };
  return { allow, redeem: redeemed };
}

async function sent<T>(node: number, method: string, path: string, body?: unknown): Promise<Answered<T>> {
  for (let left = 20; ; left -= 1) {
    const answer = await (pages[node] as Page).ask<T>(method, path, body);
    if (answer.status !== 503 || left === 0) return answer;
  }
}

async function allowed({ id }: TestApplication) {
  const { body } = await sent<AuthorizationList>(0, 'GET', '/v1/self/authorizations');
  return body.items.filter((one) => one.application.id === id);
}

describe('what is allowed on two nodes at the same time', () => {
  test.each(['for the first time', 'beside what was allowed before'])('is all remembered: %s', async (when) => {
    const app = await application();
    const before = when === 'for the first time' ? [] : ['read:c'];
    for (const name of before) expect((await (await asked(0, app, name)).allow()).status).toBe(200);
    const [one, other] = [await asked(0, app, 'read:a'), await asked(1, app, 'read:b')];
    const answers = await overlapping(all.database, one.allow, other.allow);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await allowed(app)).map(({ scope }) => scope.toSorted())).toEqual([['read:a', 'read:b', ...before]]);
    expect((await one.redeem(answers[0])).status).toBe(200);
    expect((await other.redeem(answers[1])).status).toBe(200);
  });

  test('is allowed anew where it is ended first, and ended where that comes later', async () => {
    const app = await application();
    expect((await (await asked(0, app, 'read:a')).allow()).status).toBe(200);
    const end = async () => {
      const [given] = await allowed(app);
      return () => sent(1, 'DELETE', `/v1/self/authorizations/${given?.id}`);
    };
    const late = await asked(0, app, 'read:a');
    const [first, anew] = await overlapping(all.database, await end(), late.allow);
    expect([first.status, anew.status], anew.text).toEqual([204, 200]);
    expect(await allowed(app)).toHaveLength(1);
    expect((await late.redeem(anew)).status).toBe(200);

    const early = await asked(0, app, 'read:a');
    const [again, ended] = await overlapping(all.database, early.allow, await end());
    expect([again.status, ended.status], again.text).toEqual([200, 204]);
    expect(await allowed(app)).toEqual([]);
    expect((await early.redeem(again)).body.error).toBe('invalid_grant');
  });
});
