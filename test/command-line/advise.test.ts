// `keyward advise` and `keyward observations`, run as they are typed, against a real server whose clock is turned: every command that
// the API names is true, what is applied is what was proposed, and an observation can be ended either way.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Advice, AdviceFinding, AdviceFindingList, ObservationList, Token } from '../../sdk/src/wire.ts';
import { systemIn } from '../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../server.ts';
import { bearerOf, call } from '../wire/native/calls.ts';
import { type Ran, runHere } from './place.ts';

const eventually = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

const day = 24 * 3_600_000;
const held = ['read:funds', 'write:funds', 'read:loans'];
let server: TestServer;
let folder: string;
/** Of the operator. */
let bearer: string;
let made = 0;

beforeAll(async () => {
  server = await startServer({
    flushMs: 50,
    permissions: held,
    routes: (upstream) => [
      {
        ...{ path: '/orders', methods: ['GET'], dialect: null, upstream },
        ...{ permissions: ['write:funds'], observedUntil: Date.now() + 29 * day },
      },
    ],
  });
  // Commands go by this machine's clock, which is to agree with the server's.
  vi.spyOn(Date, 'now').mockImplementation(() => server.clock.now());
  bearer = await bearerOf(server, server.owner);
  // From the first use on it is known how each token is used.
  expect((await call(server, 'GET', '/v1/advice', bearer)).status).toBe(200);
  folder = mkdtempSync(join(tmpdir(), 'keyward-advise-'));
  mkdirSync(join(folder, '.keyward'), { mode: 0o700 });
  const kept = `token: Bearer ${bearer}\nuserid: ${server.owner.id}\nurl: ${server.url}\n`;
  writeFileSync(join(folder, '.keyward', 'credentials.yaml'), kept, { mode: 0o600 });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const keyward = (line: string): Promise<Ran> =>
  runHere(line.split(' ').slice(1), { input: '', environment: { HOME: folder }, folder });
async function done(line: string): Promise<string> {
  const ran = await keyward(line);
  expect(ran, `${line}: ${ran.errors}`).toMatchObject({ code: 0 });
  return ran.output;
}
const get = async <T>(path: string) => (await call<T>(server, 'GET', path, bearer)).body;
const tokenAt = (id: string) => get<Token>(`/v1/tokens/${id}`);
const findings = async (query = '') => (await get<AdviceFindingList>(`/v1/advice?limit=200${query}`)).items;
const mendOf = async (id: string, kind: AdviceFinding['finding'] = 'wider_than_used', query = '') =>
  (await findings(query)).find(({ token, finding }) => token.id === id && finding === kind)?.mend;

/** A token that holds more than it used, as is known for long enough. */
async function wide(as = server.asOwner, ...uses: string[]) {
  made += 1;
  const name = `wide-${made}`;
  const { token, secret } = await server.core.createApiToken(as, { name, permissions: held });
  server.clock.advance(8 * day);
  for (const one of uses.length === 0 ? ['read:funds'] : uses) {
    expect((await call(server, 'GET', `/v1/check?permissions=${one}`, secret)).status).toBe(200);
  }
  return { id: token.id, name, secret };
}
const known = (id: string, used = ['read:funds']) =>
  eventually(async () => {
    expect((await get<Advice>(`/v1/tokens/${id}/advice`)).proposal?.permissions).toEqual(used);
  });

describe('keyward advise', () => {
  test('lists what is riskiest first, and shows what one credential used and could be left with', async () => {
    const { id, name } = await wide();
    await known(id);
    const [titles, ...rows] = (await done('keyward advise --all')).trimEnd().split('\n');
    expect(titles).toBe('RISK\tTOKEN\tFINDING\tWHY\tMEND');
    const risks = rows.map((row) => ['high', 'medium', 'low'].indexOf(row.split('\t')[0] ?? ''));
    expect(risks).toEqual(risks.toSorted());
    expect(rows.find((row) => row.includes(`${name}\twider_than_used`))).toContain(`--token ${id} --apply`);
    const one = await done(`keyward advise --token ${name}`);
    expect(one).toContain('Used permissions\tread:funds\nUnused permissions\twrite:funds, read:loans\n');
    expect(one).toContain('Proposal\tpermissions read:funds');
    expect(JSON.parse(await done(`keyward advise --token ${id} --json`))).toEqual(await get(`/v1/tokens/${id}/advice`));
  });

  test('has the very command that each finding names, and it mends that finding', async () => {
    const { id, name } = await wide();
    await known(id);
    const mend = await mendOf(id);
    expect(mend?.command).toBe(`keyward advise --token ${id} --apply --observe 14d`);
    const output = await done(mend?.command ?? '');
    expect(output).toContain('1 observed');
    const after = await tokenAt(id);
    expect(after).toMatchObject({ permissions: held, observed: { permissions: ['read:funds'] } });
    const days = (Date.parse(after.observed?.until ?? '') - Date.now()) / day;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThanOrEqual(14);
    expect(await mendOf(id)).toBeUndefined();
    // Run again every week, it would otherwise never come to count.
    const again = await keyward(mend?.command ?? '');
    expect(again.code).toBe(0);
    expect(again.errors).toContain('narrowed already');
    expect((await tokenAt(id)).observed).toEqual(after.observed);
    expect(await done('keyward observations')).toMatch(new RegExp(`API token ${name}\tobserved\t`));

    await done((await mendOf(id, 'no_expiry'))?.command ?? '');
    expect(await mendOf(id, 'no_expiry')).toBeUndefined();
    expect((await tokenAt(id)).observed).toEqual(after.observed);
    const { token } = await server.core.createApiToken(server.asOwner, { name: 'idle', permissions: [] });
    server.clock.advance(31 * day);
    await done((await mendOf(token.id, 'never_used'))?.command ?? '');
    expect((await tokenAt(token.id)).state).toBe('inactive');
  });

  test('names commands that act for the customer whose token it is', async () => {
    const { id: organization, owner } = await server.addOrganization('hooli');
    const { id } = await wide(owner.caller);
    const query = `&organization=${organization}`;
    await eventually(async () => expect(await mendOf(id, 'wider_than_used', query)).toBeDefined());
    const command = (await mendOf(id, 'wider_than_used', query))?.command ?? '';
    expect(command).toContain(` --organization ${organization}`);
    await done(command);
    expect((await server.core.readApiToken(owner.caller, { id })).narrowing).toMatchObject({
      permissions: ['read:funds'],
    });
    // The operator sees it among all, and ends it without saying whose it is.
    expect(await done(`keyward observations ${id}`)).toContain('Organization\thooli\n');
    await done(`keyward observations ${id} --cancel`);
    expect((await server.core.readApiToken(owner.caller, { id })).narrowing).toBeNull();
  });

  test('applies all proposals of an organization, observed or at once, and only says so with --dry-run', async () => {
    const [one, two] = [await wide(), await wide(server.asOwner, 'read:loans')];
    await known(one.id);
    await known(two.id, ['read:loans']);
    const dry = (await done('keyward advise --apply --observe 14d --dry-run --json')).trimEnd().split('\n');
    const asked = dry.map((line) => JSON.parse(line) as { method: string; path: string; body: object });
    for (const [{ id }, permissions] of [
      [one, ['read:funds']],
      [two, ['read:loans']],
    ] as const) {
      expect(asked).toContainEqual(
        expect.objectContaining({
          ...{ method: 'PATCH', path: `/v1/tokens/${id}` },
          body: { permissions, addresses: ['127.0.0.1'], observe: { until: expect.any(String) } },
        }),
      );
    }
    expect((await tokenAt(one.id)).observed).toBeNull();
    const { applied, failed } = JSON.parse(await done('keyward advise --apply --observe 14d --json')) as {
      applied: Token[];
      failed: unknown[];
    };
    expect(failed).toEqual([]);
    expect(applied.map(({ id }) => id).sort()).toEqual(asked.map(({ path }) => path.split('/').at(-1)).sort());
    expect((await tokenAt(two.id)).observed).toMatchObject({ permissions: ['read:loans'] });
    const { id } = await get<{ id: string }>('/v1/self');
    expect(await mendOf(id)).toBeDefined();
    expect((await keyward('keyward advise --apply --yes')).errors).toContain(
      'left as it is, since this is done with it',
    );
    expect(await tokenAt(id)).toMatchObject({ permissions: ['*:*'], observed: null });
  });

  test('asks before it narrows at once, and then does', async () => {
    const { id, secret } = await wide();
    await known(id);
    const refused = await keyward(`keyward advise --token ${id} --apply`);
    expect(refused).toMatchObject({ code: 2, errors: expect.stringContaining('Add --yes') });
    expect((await tokenAt(id)).permissions).toEqual(held);
    await done(`keyward advise --token ${id} --apply --yes`);
    expect(await tokenAt(id)).toMatchObject({ permissions: ['read:funds'], observed: null });
    expect((await call(server, 'GET', '/v1/check?permissions=write:funds', secret)).status).toBe(403);
  });

  test('gives an API user the narrowest role that holds what it and its tokens used', async () => {
    const system = systemIn(server.organization);
    await server.core.createRole(system, {
      name: 'all-funds',
      permissions: [...held, 'access:api', 'manage:own_api_key'],
    });
    await server.core.createRole(system, {
      name: 'reads',
      permissions: ['read:funds', 'access:api', 'manage:own_api_key'],
    });
    const { apiUser } = await server.core.createApiUser(system, { name: 'batch', role: 'all-funds' });
    const caller = await server.callerFor({ type: 'api_user', id: apiUser.id });
    const { secret } = await server.core.createApiToken(caller, { name: 'of batch', permissions: ['read:funds'] });
    server.clock.advance(8 * day);
    expect((await call(server, 'GET', '/v1/check?permissions=read:funds', secret)).status).toBe(200);
    const line = 'keyward advise --api-user batch';
    await eventually(async () => expect(await done(line)).toContain('Proposal\trole reads'));
    const observed = await keyward(`${line} --apply --observe 14d`);
    expect(observed).toMatchObject({ code: 2, errors: expect.stringContaining('cannot be observed') });
    await done(`${line} --apply --yes`);
    expect((await get<{ role: string }>(`/v1/api-users/${apiUser.id}`)).role).toBe('reads');
  });

  test.each([
    ['keyward advise --observe 14d', 'Add --apply'],
    ['keyward advise --token one --api-user two', 'Name one of them'],
    ['keyward advise --apply --observe 2w3d', '--observe is no time'],
    ['keyward advise --token none', 'There is no API token'],
  ])('%s says what is wrong with it', async (line, words) => {
    const { code, errors } = await keyward(line);
    expect([code > 0 && code < 64, errors]).toEqual([true, expect.stringContaining(words)]);
  });
});

describe('observing first', () => {
  const narrowed = async () => {
    const { token } = await server.core.createApiToken(server.asOwner, { name: `n-${++made}`, permissions: held });
    return { id: token.id, name: token.name };
  };

  test('keyward tokens narrow, for 30 days and no longer, and none takes it back', async () => {
    const { id, name } = await narrowed();
    const inDays = (days: number) => new Date(server.clock.now() + days * day).toISOString();
    const shown = await done(`keyward tokens narrow ${name} --permissions read:funds --observe 30d`);
    expect(shown).toMatch(/Observed\tpermissions read:funds; counts from 20\S+Z on\n/);
    expect(await tokenAt(id)).toMatchObject({ permissions: held, observed: { permissions: ['read:funds'] } });
    expect((await tokenAt(id)).state).toBe('active');
    await done(`keyward tokens narrow ${name} --observe none`);
    expect((await tokenAt(id)).observed).toBeNull();
    const late = await keyward(`keyward tokens narrow ${name} --permissions read:funds --observe 31d`);
    expect(late).toMatchObject({ code: 2, errors: expect.stringContaining('after 30 days at the latest') });
    const past = await keyward(`keyward tokens narrow ${name} --permissions read:funds --observe ${inDays(-1)}`);
    expect(past).toMatchObject({ code: 2, errors: expect.stringContaining('has passed already') });
    const never = await keyward(`keyward tokens narrow ${name} --permissions read:funds --observe never`);
    expect(never).toMatchObject({ code: 2, errors: expect.stringContaining('--observe is no time') });
  });

  test('keyward plans update and keyward orgs update', async () => {
    const until = new Date(server.clock.now() + 14 * day).toISOString();
    await done('keyward plans create --id tried --name Tried --limits 1000/1h');
    expect(await done(`keyward plans update tried --limits 10/1h --observe ${until}`)).toContain(
      `Observed\tlimits 10/1h per organization; counts from ${until} on\n`,
    );
    await done('keyward orgs create --name observed-org --plan tried');
    const org = await done(`keyward orgs update observed-org --entitlement read:* --observe ${until}`);
    expect(org).toContain(`Observed\tentitlement read:*; counts from ${until} on\n`);
    const listed = await done('keyward observations');
    expect(listed).toContain('plan Tried\tobserved');
    expect(listed).toContain('organization observed-org\tobserved');
    await done('keyward observations tried --enforce --yes');
    await done('keyward observations observed-org --cancel');
    expect(await done('keyward plans show tried')).toContain('Limits\t10/1h per organization');
    expect(await done('keyward orgs show observed-org')).not.toContain('Observed');
  });
});

describe('keyward observations', () => {
  async function observed() {
    const { token, secret } = await server.core.createApiToken(server.asOwner, {
      name: `o-${++made}`,
      permissions: held,
    });
    const observe = { until: server.clock.now() + 14 * day };
    await server.core.updateApiToken(server.asOwner, { id: token.id }, { permissions: ['read:funds'], observe });
    return { id: token.id, name: token.name, secret };
  }

  test('shows who would have been refused, and by what keyward explain tells why', async () => {
    const { id, name, secret } = await observed();
    for (let at = 0; at < 2; at += 1) await call(server, 'GET', '/v1/check?permissions=write:funds', secret);
    await eventually(async () => expect(await done(`keyward observations ${name}`)).toContain('2 calls so far'));
    const [, refusals = ''] = (await done(`keyward observations ${name}`)).split('\n\n');
    const [titles = '', row = ''] = refusals.split('\n');
    const cell = (title: string) => row.split('\t')[titles.split('\t').indexOf(title)];
    expect([cell('CREDENTIAL'), cell('REASON'), cell('CALLS')]).toEqual([name, 'missing_permission', '2']);
    const why = await done(`keyward explain ${cell('EXPLAINED BY')}`);
    expect(why).toContain('was let in, and would have been refused: missing_permission');
    expect(why).toContain('The token does not hold write:funds.');
    const { items } = JSON.parse(await done('keyward observations --json')) as ObservationList;
    expect(items).toEqual((await get<ObservationList>('/v1/observations')).items);
    expect(items.some(({ subject }) => subject.id === id)).toBe(true);
  });

  test('takes one back, or lets it count before its time, after asking', async () => {
    const [one, other] = [await observed(), await observed()];
    await done(`keyward observations ${one.name} --cancel --dry-run`);
    expect((await tokenAt(one.id)).observed).not.toBeNull();
    await done(`keyward observations ${one.name} --cancel`);
    expect(await tokenAt(one.id)).toMatchObject({ permissions: held, observed: null });
    expect((await keyward(`keyward observations ${other.name} --enforce`)).code).toBe(2);
    expect((await tokenAt(other.id)).observed).not.toBeNull();
    await done(`keyward observations ${other.name} --enforce --yes`);
    expect(await tokenAt(other.id)).toMatchObject({ permissions: ['read:funds'], observed: null });
  });

  test.each([
    ['keyward observations none', 'Nothing is observed of "none"'],
    ['keyward observations /orders --cancel', 'stands in keyward.yaml'],
    ['keyward observations --cancel', 'It is not said which'],
    ['keyward observations x --cancel --enforce', 'opposites'],
  ])('%s says what is wrong with it', async (line, words) => {
    const { code, errors } = await keyward(line);
    expect([code > 0 && code < 64, errors]).toEqual([true, expect.stringContaining(words)]);
  });
});
