// What the examples of help texts speak of, so that each can be run as it is written: whatever one of them did is made good before
// the next. Only what a line speaks of is looked after, since asking for all of it would take most of the time.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Place, RunOptions } from './place.ts';

type Step = (place: Place) => Promise<unknown>;

/** By what a line has in it; what a step answers is the environment of the line. */
const steps: readonly [RegExp, Step][] = [
  [/keyward permissions/, ({ api }) => api('POST', '/v1/permissions', { name: 'read:spare' })],
  [/keyward apis/, ({ api }) => api('POST', '/v1/apis', { handle: 'spare', name: 'Spare' })],
  [/keyward roles/, ({ api }) => api('POST', '/v1/roles', { name: 'support', permissions: ['read:files'] })],
  [/keyward plans/, silverPlan],
  [/ann@example|bob@example/, people],
  [/keyward (tokens|usage|explain|calls)/, tokens],
  [/keyward observations/, observed],
  [/keyward advise/, tokens],
  [/batch|keyward api-users/, apiUsers],
  [/\$FEDERATED/, federated],
  [/Dashboard/, application],
  [/\$KID/, signingKey],
  [/\$SESSION/, session],
  [/\$REFUSAL/, refusal],
  [/keyward import-recipes/, recipes],
  [/keyward webhook/, webhook],
  [/keyward (whoami|logout|profiles)/, signIns],
];

/** Where and with what a line runs. */
export async function prepare(place: Place, line: string): Promise<RunOptions & { folder: string }> {
  const environment: NodeJS.ProcessEnv = { URL: place.url };
  for (const [pattern, step] of steps)
    if (pattern.test(line)) Object.assign(environment, variablesIn(await step(place)));
  const folder = mkdtempSync(join(place.folder, 'example-'));
  const { owner, parsers } = place.credentials;
  const files: Record<string, string> = {
    'token.txt': `${parsers.apiKey}\n`,
    'found.txt': `${parsers.apiKey}\n`,
    'password.txt': owner.password,
    'call.json': JSON.stringify({ credential: parsers.apiKey, permissions: ['read:funds'] }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  if (/keyward scan/.test(line)) prepareScan(folder);
  if (/keyward import /.test(line)) prepareImport(folder);
  if (line.includes('keyward/')) {
    mkdirSync(join(folder, 'keyward'));
    writeFileSync(join(folder, 'keyward', 'all.yaml'), (await place.keyward(['export'])).output);
  }
  return { folder, environment };
}

/** A repository in which there is nothing to find. */
function prepareScan(folder: string): void {
  mkdirSync(join(folder, 'src'));
  for (const name of ['src/index.ts', 'backup.sql']) writeFileSync(join(folder, name), '-- nothing secret\n');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init', '-q');
  git('add', 'src', 'backup.sql');
  git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '-qm', 'Begin');
}

/** Keys of another system, whose hashes it kept. */
function prepareImport(folder: string): void {
  const key = `sk_live_${folder.slice(-6).replace(/[^0-9A-Za-z]/g, '0')}39HqLyjWDarjtT1zdp7dc`;
  const hash = createHash('sha256').update(key).digest('hex');
  const recipe = ['name: old-portal', 'algorithm: sha256', 'shape: {prefix: sk_live_, alphabet: base62}', ''];
  writeFileSync(join(folder, 'old-portal.yaml'), recipe.join('\n'));
  writeFileSync(join(folder, 'old-keys.csv'), `name,hash,permissions\nOf ${key.slice(8, 14)},${hash},read:funds\n`);
  writeFileSync(join(folder, 'known-keys.txt'), `${key}\n`);
  const passwordHash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
  const people = `email,role,passwordHash\n${key.slice(8, 14).toLowerCase()}@people.example,member,${passwordHash}\n`;
  writeFileSync(join(folder, 'people.csv'), people);
  writeFileSync(
    join(folder, 'machines.csv'),
    `username,passwordHash\nOLD\\robot ${key.slice(8, 14)},${passwordHash}\n`,
  );
}

async function recipes({ api }: Place): Promise<void> {
  const shape = { prefix: 'sk_live_', alphabet: 'base62' };
  await api('POST', '/v1/import-recipes', { name: 'old-portal', algorithm: 'sha256', shape });
  await api('POST', '/v1/import-recipes', { name: 'unused', algorithm: 'raw', shape: { prefix: 'unused_' } });
}

async function webhook({ api }: Place): Promise<NodeJS.ProcessEnv> {
  const url = 'https://hooks.example.com/keyward';
  const list = await api<{ items: { id: string; url: string }[] }>('GET', '/v1/webhooks?limit=200');
  const known = list.body.items.find((one) => one.url === url);
  const { id } = known ?? (await api<{ id: string }>('POST', '/v1/webhooks', { url })).body;
  await api('POST', `/v1/webhooks/${id}/test`);
  // What waits to be sent cannot be repeated; a test is sent once, and nobody is there.
  const newest = async () => {
    const path = `/v1/webhooks/${id}/deliveries`;
    return (await api<{ items: { id: string; status: string }[] }>('GET', path)).body.items[0];
  };
  await expect.poll(async () => (await newest())?.status).not.toBe('waiting');
  return { MESSAGE: (await newest())?.id };
}

/** Two of them in a file of their own, since the line may end one. */
async function signIns({ url, credentials, folder }: Place): Promise<NodeJS.ProcessEnv> {
  const [top = '', named = ''] = await Promise.all(
    ['', '    '].map(async (indent) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/v1/login`, {
        method: 'POST',
        headers,
        body: JSON.stringify(credentials.owner),
      });
      const { accessToken, user } = (await answer.json()) as { accessToken: string; user: { id: string } };
      return [`token: Bearer ${accessToken}`, `userid: ${user.id}`, `url: ${url}`]
        .map((line) => `${indent}${line}\n`)
        .join('');
    }),
  );
  const file = join(mkdtempSync(join(folder, 'signed-in-')), 'credentials.yaml');
  writeFileSync(file, `${top}profiles:\n  staging:\n${named}`, { mode: 0o600 });
  return { KEYWARD_CREDENTIALS: file };
}

async function refusal({ url, credentials }: Place): Promise<NodeJS.ProcessEnv> {
  const headers = { authorization: `Bearer ${credentials.parsers.apiKey}` };
  const answer = await fetch(`${url}/v1/check?permissions=read:files`, { headers });
  return { REFUSAL: answer.headers.get('keyward-refusal') ?? '' };
}

async function silverPlan({ api }: Place): Promise<void> {
  const limits = [{ limit: 5, windowMs: 1000, per: 'organization' }];
  await api('POST', '/v1/plans', { id: 'silver', name: 'Silver', limits });
}

async function people({ api }: Place): Promise<void> {
  for (const name of ['ann', 'bob']) {
    await api('POST', '/v1/users', { email: `${name}@example.com`, name, role: 'member' });
  }
}

async function tokens(place: Place): Promise<void> {
  const { api } = place;
  const permissions = ['read:funds', 'read:files'];
  const known = await named(place, '/v1/tokens?whose=all&limit=200');
  for (const name of ['ci', 'nightly-1', 'rotated', 'readable']) {
    if (known[name] === undefined)
      await api('POST', '/v1/tokens', { name, permissions, readable: name === 'readable' });
  }
  const [ci, rotated] = await Promise.all(['ci', 'rotated'].map((name) => idOf(place, '/v1/tokens?whose=all', name)));
  await api('DELETE', `/v1/tokens/${ci}/previous-secret`);
  await api('POST', `/v1/tokens/${ci}/activate`);
  await api('POST', `/v1/tokens/${rotated}/rotate`, { overlapSeconds: 3600 });
  if ((await named(place, '/v1/tokens?whose=all&deleted=only')).gone !== undefined) return;
  await api('POST', '/v1/tokens', { name: 'gone', permissions });
  await api('DELETE', `/v1/tokens/${await idOf(place, '/v1/tokens?whose=all', 'gone')}`);
}

async function observed(place: Place): Promise<void> {
  const { api } = place;
  const permissions = ['read:funds', 'read:files'];
  await api('POST', '/v1/tokens', { name: 'nightly', permissions });
  const path = `/v1/tokens/${await idOf(place, '/v1/tokens?whose=all', 'nightly')}`;
  await api('PATCH', path, { permissions });
  const observe = { until: new Date(Date.now() + 14 * 24 * 3_600_000).toISOString() };
  await api('PATCH', path, { permissions: ['read:funds'], observe });
}

async function apiUsers(place: Place): Promise<void> {
  const { api } = place;
  const { body } = await api<{ items: { id: string; name: string }[] }>('GET', '/v1/api-users?limit=200');
  const [, ...others] = body.items.filter(({ name }) => name === 'batch');
  for (const { id } of others) await api('DELETE', `/v1/api-users/${id}`);
  const known = new Set(body.items.map(({ name }) => name));
  for (const name of ['batch', 'rotated']) {
    if (!known.has(name)) await api('POST', '/v1/api-users', { name, role: 'member' });
  }
  const [batch, rotated] = await Promise.all(['batch', 'rotated'].map((name) => idOf(place, '/v1/api-users?', name)));
  await api('DELETE', `/v1/api-users/${batch}/previous-password`);
  await api('POST', `/v1/api-users/${batch}/activate`);
  await api('POST', `/v1/api-users/${rotated}/rotate`, { overlapSeconds: 3600 });
  if ((await named(place, '/v1/api-users?deleted=only')).gone !== undefined) return;
  await api('POST', '/v1/api-users', { name: 'gone', role: 'member' });
  await api('DELETE', `/v1/api-users/${await idOf(place, '/v1/api-users?', 'gone')}`);
}

async function federated(place: Place): Promise<NodeJS.ProcessEnv> {
  await apiUsers(place);
  const batch = await idOf(place, '/v1/api-users?', 'batch');
  const trust = { name: `of ${Date.now()}`, issuer: 'https://ci.example.com', conditions: { sub: 'project:17' } };
  const { body } = await place.api<{ id: string }>('POST', `/v1/api-users/${batch}/federated-credentials`, trust);
  return { FEDERATED: body.id };
}

async function application(place: Place): Promise<void> {
  if ((await named(place, '/v1/applications?limit=200')).Dashboard !== undefined) return;
  const redirectUris = ['https://dashboard.example.com/callback'];
  const wanted = { name: 'Dashboard', type: 'confidential', redirectUris, permissions: ['read:funds'] };
  await place.api('POST', '/v1/applications', wanted);
}

async function signingKey({ api }: Place): Promise<NodeJS.ProcessEnv> {
  const rotate = async () =>
    (await api<{ kid: string }>('POST', '/v1/signing-keys/rotate', { profile: 'parsers' })).body.kid;
  let kid = await rotate();
  // One in 64 begins like a flag, and is typed behind --.
  while (kid.startsWith('-')) kid = await rotate();
  return { KID: kid };
}

async function session({ url, credentials, api }: Place): Promise<NodeJS.ProcessEnv> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/login`, { method: 'POST', headers, body: JSON.stringify(credentials.owner) });
  await answer.body?.cancel();
  const { body } = await api<{ items: { id: string; current: boolean }[] }>('GET', '/v1/sessions');
  return { SESSION: body.items.find(({ current }) => !current)?.id };
}

async function idOf(place: Place, list: string, name: string): Promise<string | undefined> {
  return (await named(place, `${list}&search=${name}&limit=200`))[name];
}

async function named({ api }: Place, path: string): Promise<Record<string, string>> {
  const { body } = await api<{ items: { name: string; id: string }[] }>('GET', path);
  return Object.fromEntries(body.items.map(({ name, id }) => [name, id]));
}

/** Of what a step answers: what it names in capitals. */
function variablesIn(answer: unknown): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(answer ?? {}).filter(([name]) => /^[A-Z_]+$/.test(name)));
}
