// One round of everything that is done with secrets: each kind is made, used in every place, used wrongly in every
// place, and ended. Whatever an answer shows is noted as a canary, and nothing else may show it.

import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Call, Reply } from '../bad-input/http-client.ts';
import type { Canaries } from './canaries.ts';
import type { RecordedServer } from './recorded-server.ts';

type Fields = Record<string, unknown>;

export async function runSecretScenario({ ask, owner }: RecordedServer, canaries: Canaries, n: number): Promise<void> {
  const post = (target: string, body: Fields, bearer?: string, method = 'POST'): Promise<Reply> =>
    ask({ method, target, headers: [...jsonType, ...bearerOf(bearer)], body: Buffer.from(JSON.stringify(body)) });
  const kept = async (kind: string, member: string, asked: Promise<Reply>): Promise<string> => {
    const { status, body } = await asked;
    const secret = (JSON.parse(body) as Fields)[member];
    if (typeof secret !== 'string') throw new Error(`No ${kind} was answered: ${status} ${body}`);
    return canaries.keep(kind, secret);
  };

  const login = { email: owner.email, password: owner.password };
  const session = await kept('session', 'accessToken', post('/v1/login', login));
  const user = { email: `user-${n}@acme.example`, name: 'U', role: 'admin' };
  const made = await post('/v1/users', user, session);
  const userId = String((JSON.parse(made.body) as Fields).id);
  await kept('user password', 'password', Promise.resolve(made));
  const reset = post(`/v1/users/${userId}/reset-password`, {}, session);
  const userPassword = await kept('reset password', 'password', reset);
  const apiUser = await post('/v1/api-users', { name: 'A', role: 'admin' }, session);
  const apiPassword = await kept('API user password', 'password', Promise.resolve(apiUser));
  const { id: apiUserId, username } = JSON.parse(apiUser.body) as { id: string; username: string };

  const token = { name: `direct-${n}`, permissions: ['*:*'] };
  const direct = await kept('API token', 'secret', post('/v1/tokens', token, session));
  const keyed = { ...token, name: `keyed-${n}`, externalId: `key-${n}`, metadata: { n } };
  const twice = { method: 'POST', target: '/v1/tokens', body: Buffer.from(JSON.stringify(keyed)) } as const;
  for (const kind of ['token with a key', 'token told again']) {
    const headers = [...jsonType, ...bearerOf(session), ['Idempotency-Key', `key-${n}`]] as const;
    await kept(kind, 'secret', ask({ ...twice, headers }));
  }
  const readable = await post('/v1/tokens', { ...token, name: `readable-${n}`, readable: true }, session);
  await kept('readable token', 'secret', Promise.resolve(readable));
  const readableId = (JSON.parse(readable.body) as { token: { id: string } }).token.id;
  const longLived = { description: 'd', access: ['*:*'] };
  const refresh = await kept('long-lived token', 'token', post('/api/1.0/open/access-tokens', longLived, session));
  const key = await kept('API key', 'api_key', post('/api/v1/auth/key', { name: `key-${n}` }, session));

  const ownLogin = { email: user.email, password: userPassword };
  const jwt = await kept('access token', 'accessToken', post('/v1/login', ownLogin));
  const viaToken = { apiToken: direct };
  await kept('JWT', 'accessToken', post('/v1/access-tokens', viaToken));
  const sealed = await kept('sealed token', 'accessToken', post('/v1/access-tokens', { ...viaToken, form: 'sealed' }));
  const check = { _username: user.email, _password: userPassword };
  const debricked = await kept('Debricked JWT', 'token', post('/api/login_check', check));
  await kept('Debricked JWT', 'token', post('/api/login_refresh', { refresh_token: refresh }));
  const basic = (name: string, password: string): Promise<Reply> => ask(basicCall(name, password));
  const parsers = await kept('Parsers JWT', 'token', basic(username, apiPassword));
  await kept('Parsers JWT', 'token', basic(key, ''));
  const rebelcore = await kept(
    'RebelCore token',
    'token',
    post('/api/v1/authorize', { username, password: apiPassword }),
  );

  const overlap = { overlapSeconds: 3600 };
  const renewed = await kept('new password', 'password', post(`/v1/api-users/${apiUserId}/rotate`, overlap, session));
  await kept('JWT', 'accessToken', post('/v1/access-tokens', { username, password: renewed }));
  await kept('JWT', 'accessToken', post('/v1/access-tokens', { username, password: apiPassword }));
  await kept('new secret', 'secret', post(`/v1/tokens/${readableId}/rotate`, overlap, session));

  const right = { password: owner.password };
  await post(`/v1/tokens/${readableId}/reveal`, right, session);
  const chosen = canaries.keep('chosen password', `chosen ${randomBytes(12).toString('hex')}`);
  await post('/v1/self/password', { current: userPassword, next: chosen }, jwt, 'PUT');

  await playSession({ post, ask, canaries }, owner, n);

  const wrong = (kind: string) => canaries.keep(`wrong ${kind}`, `wrong-${randomBytes(12).toString('hex')}`);
  await post('/v1/login', { email: user.email, password: wrong('password') });
  await post('/v1/login', { email: wrong('e-mail'), password: 'x' });
  await post('/v1/access-tokens', { apiToken: wrong('API token') });
  await post('/v1/access-tokens', { apiToken: direct, password: wrong('pair') });
  await post('/v1/access-tokens', { apiToken: [wrong('type')], form: wrong('form') });
  await post('/api/login_check', { _username: user.email, _password: wrong('password') });
  await post('/api/login_refresh', { refresh_token: wrong('refresh token') });
  await post('/api/v1/authorize', { username, password: wrong('password') });
  await post('/api/v1/authorize', { username, password: { a: wrong('password') } });
  await post(`/v1/tokens/${readableId}/reveal`, { password: wrong('password') }, session);
  await post('/v1/self/password', { current: wrong('current'), next: wrong('next one') }, session, 'PUT');
  await post('/v1/self/password', { current: 'x', next: 'short' }, session, 'PUT');
  await basic(user.email, wrong('Basic password'));
  await basic(wrong('Basic key'), '');

  const held = [session, direct, refresh, key, jwt, sealed, debricked, parsers, rebelcore, apiPassword, chosen];
  const spoilt = [
    ...held,
    wrong('bearer'),
    canaries.keep('forged', forged(direct)),
    canaries.keep('forged', forged(jwt)),
  ];
  for (const secret of spoilt) for (const call of placesFor(secret)) await ask(call);
  for (const list of lists) await ask({ method: 'GET', target: list, headers: bearerOf(session) });
}

interface Round {
  post(target: string, body: Fields, bearer?: string, method?: string): Promise<Reply>;
  ask: RecordedServer['ask'];
  canaries: Canaries;
}

/** What a page of the portal does: a session, an invitation, a second factor. */
async function playSession({ post, ask, canaries }: Round, owner: Fields, n: number): Promise<void> {
  const bodyOf = ({ body }: Reply) => JSON.parse(body) as Fields & { link: { url: string } };
  const bearer = String(bodyOf(await post('/v1/login', owner)).accessToken);
  const invitation = { email: `invited-${n}@acme.example`, name: 'I', role: 'member' };
  const { link } = bodyOf(await post('/v1/invitations', invitation, bearer));
  const token = canaries.keep('link', link.url.slice(link.url.indexOf('#') + 1));
  const password = canaries.keep('chosen password', `chosen ${randomBytes(12).toString('hex')}`);
  await post('/v1/password-links/look', { token });
  await post('/v1/password-links/redeem', { token, password });
  await post('/v1/password-links/redeem', { token, password });
  const started = await post('/v1/session', { email: invitation.email, password });
  const [, secret = ''] = /^__Host-keyward=([^;]+);/.exec(started.headers.get('set-cookie') ?? '') ?? [];
  if (secret === '') throw new Error(`No session was begun: ${started.status} ${started.body}`);
  const cookie = `__Host-keyward=${canaries.keep('session', secret)}`;
  const page = (target: string, body: Fields) =>
    ask({
      method: 'POST',
      target,
      headers: [...jsonType, ['Cookie', cookie], ['X-Keyward-Portal', '1']],
      body: Buffer.from(JSON.stringify(body)),
    });
  const prepared = bodyOf(await page('/v1/self/second-factor', { password }));
  const shared = canaries.keep('second factor', String(prepared.secret));
  const code = TOTP.generate({ secret: Secret.fromBase32(shared) });
  const { recoveryCodes } = bodyOf(await page('/v1/self/second-factor/confirmation', { code }));
  for (const one of recoveryCodes as string[]) canaries.keep('recovery code', one);
  await post('/v1/session', { email: invitation.email, password, code: (recoveryCodes as string[])[0] });
  await page('/v1/session/confirmation', { password: 'x' });
  await page(`/v1/tokens/${encodeURIComponent(secret)}`, {});
  for (const target of ['/v1/session', '/v1/sessions', '/v1/self', '/v2/funds', `/nowhere/${secret}`]) {
    await ask({ method: 'GET', target, headers: [['Cookie', cookie]] });
    await ask({ method: 'GET', target, headers: [['Cookie', `${cookie}; ${cookie}`], ...bearerOf(secret)] });
  }
}

const jsonType = [['Content-Type', 'application/json']] as const;

const lists = [
  ...[
    '/v1/tokens?whose=all',
    '/v1/tokens?deleted=only',
    '/v1/users',
    '/v1/api-users',
    '/v1/journal?limit=200',
    '/v1/self',
  ],
  ...['/v1/signing-keys', '/v1/roles', '/api/1.0/open/access-tokens', '/api/v1/auth/keys', '/.well-known/jwks.json'],
  ...['/healthz', '/readyz'],
];

/** Every place in a request where a secret may be, or may end up by mistake. */
function placesFor(secret: string): Call[] {
  const json = (body: string): Call => ({
    method: 'POST',
    target: '/v1/tokens',
    headers: jsonType,
    body: Buffer.from(body),
  });
  const asBearer = bearerOf(secret);
  const bad = `{"name":"x","password":"${secret}"`;
  return [
    { method: 'GET', target: '/v1/self', headers: asBearer },
    { method: 'GET', target: '/v2/funds', headers: asBearer },
    { method: 'POST', target: '/api/v1/infer', headers: [...asBearer, ...jsonType], body: Buffer.from('{}') },
    { method: 'GET', target: '/api-versio.db/1.0/acme', headers: [['Authorization', `apiToken ${secret}`]] },
    { method: 'GET', target: `/api-versio.db/1.0/acme?apiToken=${encodeURIComponent(secret)}&x=1`, headers: [] },
    { method: 'GET', target: `/api-versio.db/1.0/other?apiToken=${encodeURIComponent(secret)}`, headers: [] },
    { method: 'GET', target: `/v1/self?apiToken=${encodeURIComponent(secret)}`, headers: [] },
    { method: 'GET', target: `/public/status?apiToken=${encodeURIComponent(secret)}`, headers: asBearer },
    { method: 'GET', target: `/v1/self?access_token=${encodeURIComponent(secret)}`, headers: [] },
    { method: 'GET', target: `/v1/tokens/${encodeURIComponent(secret)}`, headers: asBearer },
    {
      method: 'GET',
      target: `/nowhere/${encodeURIComponent(secret)}?token=${encodeURIComponent(secret)}`,
      headers: asBearer,
    },
    { method: 'GET', target: '/v1/self', headers: [...asBearer, ['authorization', `Bearer ${secret}`]] },
    { method: 'GET', target: '/v1/self', headers: [['Authorization', secret]] },
    {
      method: 'GET',
      target: '/v1/self',
      headers: [
        ['Cookie', `session=${secret}`],
        ['X-Api-Key', secret],
      ],
    },
    { method: 'PUT', target: '/v1/self', headers: asBearer },
    { ...basicCall(secret, secret) },
    json(`${bad}}`),
    json(bad),
    { ...json(`{"name":["${secret}"],"use":"${secret}"}`), headers: [...jsonType, ...asBearer] },
    { ...json(`{"name":"x","permissions":["${secret}"]}`), headers: [...jsonType, ...asBearer] },
    { ...json(`password=${encodeURIComponent(secret)}`), headers: [['Content-Type', 'text/plain'], ...asBearer] },
    { ...json(`{"_password":"${secret}"}`), target: '/api/login_check' },
    { ...json(`{"password":"${secret}"}`), target: '/api/v1/authorize' },
  ];
}

function basicCall(name: string, password: string): Call {
  const value = Buffer.from(`${name}:${password}`).toString('base64');
  return { method: 'POST', target: '/v2/auth/token', headers: [['Authorization', `Basic ${value}`]] };
}

function bearerOf(bearer: string | undefined): [string, string][] {
  return bearer === undefined ? [] : [['Authorization', `Bearer ${bearer}`]];
}

/** The same with another end. */
function forged(secret: string): string {
  return `${secret.slice(0, -4)}${secret.endsWith('0000') ? '1111' : '0000'}`;
}
