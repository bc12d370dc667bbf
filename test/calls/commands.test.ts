// `keyward calls` and `keyward explain`, as somebody uses them in a terminal or a pipe.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallList, Explanation } from '../../sdk/src/wire.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf } from '../wire/native/calls.ts';
import { runHere, typed } from './command.ts';

let server: TestServer;
let secret: string;
let id: string;
let refusal: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  server = await startServer();
  const made = await server.core.createApiToken(server.asOwner, { name: 'till', permissions: ['read:funds'] });
  secret = made.secret;
  id = made.token.id;
  environment = { KEYWARD_URL: server.url, KEYWARD_TOKEN: await bearerOf(server, server.owner) };
  const headers = { authorization: `Bearer ${secret}` };
  await fetch(`${server.url}/v2/funds`, { headers });
  const refused = await fetch(`${server.url}/v1/check?permissions=write:funds`, { headers });
  refusal = refused.headers.get('keyward-refusal') ?? '';
});
afterAll(() => server?.stop());

const keyward = (line: string, input = '') => runHere(line.split(' '), { input, environment });

describe('keyward calls', () => {
  test('lists the newest first, narrowed by what is asked for', async () => {
    const all = await keyward('calls --credential till');
    expect(all).toMatchObject({ code: 0, errors: '' });
    expect(all.output.split('\n').map((line) => line.split('\t').slice(1, 4))).toMatchObject([
      ['VERDICT', 'CREDENTIAL', 'ROUTE'],
      ['missing_permission', 'till', ''],
      ['allowed', 'till', 'GET /v2/funds'],
      [],
    ]);
    const refused = await keyward(`calls --refused --credential ${id} --json`);
    expect((JSON.parse(refused.output) as CallList).items).toMatchObject([{ refusal, verdict: 'missing_permission' }]);
    expect((await keyward('calls --verdict expired')).errors).toContain('No such call is remembered.');
    expect((await keyward('calls --refused --verdict allowed')).code).toBe(2);
    expect((await keyward('calls --since yesterday')).code).toBe(2);
  });

  test('goes on with each call that comes, in the order of time and once, until Ctrl-C', async () => {
    const following = typed(['calls', '--follow', '--credential', 'till'], environment);
    await following.until('allowed');
    server.clock.advance(1000);
    await server.core.verify(secret, { permissions: ['write:elsewhere'] });
    await following.until('write:elsewhere');
    server.clock.advance(1000);
    await server.core.verify(secret, { permissions: ['write:later'] });
    await following.until('write:later');
    await following.interrupt();
    const verdicts = following.output().match(/write:\w+/g);
    expect(verdicts).toEqual(['write:funds', 'write:elsewhere', 'write:later']);
  });
});

describe('keyward explain', () => {
  test('says why a call was refused, by the id of its answer', async () => {
    const told = await keyward(`explain ${refusal}`);
    expect(told.code).toBe(0);
    expect(told.output).toMatch(/was refused: missing_permission/);
    expect(told.output).toMatch(/needs write:funds.*may do read:funds/);
    expect(JSON.parse((await keyward(`explain ${refusal} --json`)).output)).toMatchObject({ call: { refusal } });
    expect((await keyward('explain 00000000-1')).code).toBe(1);
    expect((await keyward(`explain ${refusal} --permissions read:funds`)).code).toBe(2);
  });

  test('says what a call would be answered, with the credential from standard input and never in the output', async () => {
    const good = await runHere(['explain', '--credential', '-', '--route', 'GET /v2/funds'], {
      input: `${secret}\n`,
      environment,
    });
    expect(good).toMatchObject({ code: 0, errors: '' });
    expect(good.output).toMatch(/would be let in/);
    const bad = await keyward('explain --permissions write:funds --json', secret);
    expect(bad.code).toBe(1);
    expect((JSON.parse(bad.output) as Explanation).reason).toBe('missing_permission');
    for (const { output, errors } of [good, bad]) expect(output + errors).not.toContain(secret);
    const wrong = await runHere(['explain', '--route', 'orders'], { input: secret, environment });
    expect(wrong).toMatchObject({ code: 2, output: '' });
    expect(wrong.errors).toContain('--route');
  });
});
