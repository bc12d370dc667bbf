// One round of what else is done with secrets: those of webhooks, those that were made elsewhere and imported, those that leaked and are
// reported, those of calls that somebody wonders about. As in secret-scenario.ts whatever is a secret is noted as a canary.

import { randomBytes } from 'node:crypto';
import type { Reply } from '../bad-input/http-client.ts';
import type { Canaries } from './canaries.ts';
import type { RecordedServer } from './recorded-server.ts';

type Fields = Record<string, unknown>;

export async function runLaterScenario({ ask, owner }: RecordedServer, canaries: Canaries, n: number): Promise<void> {
  const send = (method: string, target: string, bearer?: string, body?: Fields, more: [string, string][] = []) =>
    ask({
      method,
      target,
      headers: [
        ...(bearer === undefined ? [] : [['Authorization', `Bearer ${bearer}`] as [string, string]]),
        ...(body === undefined ? [] : [['Content-Type', 'application/json'] as [string, string]]),
        ...more,
      ],
      ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
    });
  const done = ({ status, body }: Reply): Fields => {
    if (status >= 300) throw new Error(`${status} ${body}`);
    return body === '' ? {} : (JSON.parse(body) as Fields);
  };
  const kept = (kind: string, made: Fields) => canaries.keep(kind, String(made.secret));

  const login = { email: owner.email, password: owner.password };
  const session = canaries.keep('session', String(done(await send('POST', '/v1/login', undefined, login)).accessToken));
  const webhook = done(
    await send('POST', '/v1/webhooks', session, { url: `https://127.0.0.1.hooks.invalid/later-${n}` }),
  );
  kept('webhook secret', webhook);
  kept('webhook secret', done(await send('POST', `/v1/webhooks/${webhook.id}/rotate`, session, {})));
  done(await send('POST', `/v1/webhooks/${webhook.id}/test`, session));

  const pepper = canaries.keep('pepper', randomBytes(24).toString('hex'));
  const shape = { prefix: `old${n}_` };
  const recipes = [
    { name: `peppered-${n}`, algorithm: 'hmac-sha256', shape, pepper: { as: 'key', secret: pepper } },
    { name: `raw-${n}`, algorithm: 'raw', shape },
  ];
  for (const recipe of recipes) done(await send('POST', '/v1/import-recipes', session, recipe));
  const foreign = () => canaries.keep('imported key', `old${n}_${randomBytes(24).toString('hex')}`);
  const [key, second, bad] = [foreign(), foreign(), canaries.keep('bad row', randomBytes(24).toString('hex'))];
  const rows = [key, second, bad].map((secret, at) => ({ line: at + 1, name: `row-${n}-${at}`, secret }));
  const batch = { import: `later-${n}`, recipe: `raw-${n}`, defaults: { permissions: ['*:*'] }, rows };
  for (const dryRun of [true, false, false]) {
    done(await send('POST', '/v1/imports/tokens', session, { ...batch, dryRun, samples: [second] }));
  }
  const hash = canaries.keep('password hash', `$2b$04$${randomBytes(40).toString('hex').slice(0, 53)}`);
  const person = { line: 1, username: `later-${n}@acme.example`, role: 'member', passwordHash: hash };
  done(await send('POST', '/v1/imports/users', session, { rows: [person], dryRun: true }));
  await send('POST', '/v1/imports/users', session, { rows: [{ ...person, passwordHash: `x${hash}` }] });

  const direct = kept('API token', done(await send('POST', '/v1/tokens', session, { permissions: ['*:*'] })));
  for (const secret of [key, second, direct]) {
    await send('GET', '/v1/self', secret, undefined, [['User-Agent', `client ${secret}`]]);
    await send('GET', '/v2/nothing', secret, undefined, [['User-Agent', secret]]);
    await send('GET', '/v1/self', `${secret}x`, undefined, [
      ['User-Agent', `${secret}`],
      ['Keyward-Run', secret],
    ]);
    done(await send('POST', '/v1/explain', session, { credential: secret, permissions: ['read:nothing'] }));
    done(await send('POST', '/v1/explain', session, { credential: `${secret}x`, path: '/v2/funds' }));
    await send('POST', '/v1/explain', session, { credential: [secret], path: `/${secret}` });
    await send('GET', `/v1/refusals/${secret}`, session);
    await send('GET', `/v1/calls?verdict=${secret}`, session);
  }
  const place = { url: `https://user:${direct}@git.example/${direct}?key=${direct}#${direct}`, source: direct };
  done(await send('POST', '/v1/leaks', undefined, { tokens: [direct, `${direct}x`], ...place }));
  done(await send('POST', '/v1/leaks', session, { tokens: [direct, second], url: `/home/${second}`, source: second }));
  await send('POST', '/v1/leaks', session, { tokens: [{ direct }], source: [direct] });
  for (const list of lists) done(await send('GET', list.replace(':id', String(webhook.id)), session));
  await send('DELETE', `/v1/webhooks/${webhook.id}`, session);
}

const lists = [
  ...['/v1/webhooks', '/v1/webhooks/:id', '/v1/webhooks/:id/deliveries', '/v1/import-recipes', '/v1/secret-shapes'],
  ...['/v1/calls?limit=1000', '/v1/observations', '/v1/advice', '/v1/journal?limit=200', '/v1/tokens?whose=all'],
  ...['/v1/verifiers', '/v1/suspensions', '/v1/connection'],
];
