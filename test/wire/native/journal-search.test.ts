// Looking for something in the journal: filters, a long journal, and files of it, on both databases.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChainStatus, JournalEntry, JournalList } from '../../../sdk/src/wire.ts';
import { systemIn } from '../../../server/src/core/caller/caller.ts';
import { startServer, type TestServer } from '../../server.ts';
import { bearerOf, bearerWithRole, call, expectFaults, expectForbidden } from './calls.ts';

describe.each(['sqlite', 'postgres'] as const)('the journal on %s', (database) => {
  let server: TestServer;
  let owner: string;
  let whole: JournalEntry[];
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    server = await startServer({ database });
    owner = await bearerOf(server, server.owner);
    for (const name of ['Alpha', 'Beta_100%', '=cmd()', 'naïve "quoted" \\ text']) {
      server.clock.advance(60_000);
      const { token } = await server.core.createApiToken(server.asOwner, { name, permissions: ['read:funds'] });
      ids[name] = token.id;
      await server.core.updateApiToken(server.admin.caller, { id: token.id }, { description: `About ${name}` });
    }
    await server.core.deleteApiToken(server.admin.caller, { id: ids.Beta_100 ?? ids['Beta_100%'] ?? '' });
    await server.core.createRole(server.asOwner, { name: 'auditor', permissions: ['read:journal'] });
    whole = (await read('limit=200')).items;
  });
  afterAll(() => server?.stop());

  const get = (path: string, bearer = owner) => call<JournalList>(server, 'GET', `/v1/journal${path}`, bearer);
  const read = async (query: string) => {
    const answer = await get(`?${query}`);
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  };
  const seqs = (entries: readonly JournalEntry[]) => entries.map(({ seq }) => seq);
  const enc = encodeURIComponent;

  const filters: [string, () => string, (entry: JournalEntry) => boolean][] = [
    ['what was done', () => 'action=api_token.', ({ action }) => action.startsWith('api_token.')],
    ['exactly what was done', () => 'action=api_token.deleted', ({ action }) => action === 'api_token.deleted'],
    ['who did it', () => `actor=${server.admin.id}`, ({ actor }) => actor.id === server.admin.id],
    ['to what', () => `subject=api_token:${ids.Alpha}`, ({ subject }) => subject.id === ids.Alpha],
    ['from when on', () => `from=${enc(whole[3]?.at ?? '')}`, ({ at }) => at >= (whole[3]?.at ?? '')],
    ['until when', () => `until=${enc(whole[3]?.at ?? '')}`, ({ at }) => at < (whole[3]?.at ?? '')],
    ['a word in it', () => 'search=ALPHA', ({ detail }) => JSON.stringify(detail).toLowerCase().includes('alpha')],
    [
      'quotes',
      () => `search=${enc('"quoted" \\ t')}`,
      ({ detail }) => Object.values(detail).join().includes('"quoted" \\ t'),
    ],
    [
      'no wildcards',
      () => `search=${enc('a_1')}`,
      ({ detail }) => JSON.stringify(detail).toLowerCase().includes('a_1'),
    ],
    ['percents', () => `search=${enc('100%')}`, ({ detail }) => JSON.stringify(detail).includes('100%')],
    ['letters with marks', () => `search=${enc('naïve')}`, ({ detail }) => JSON.stringify(detail).includes('naïve')],
    ['an id', () => `search=${ids.Alpha?.slice(4, 20)}`, ({ subject }) => subject.id === ids.Alpha],
    [
      'several at once',
      () => `action=api_token.changed&actor=${server.admin.id}&search=alpha`,
      ({ action, subject }) => action === 'api_token.changed' && subject.id === ids.Alpha,
    ],
  ];

  test.each(filters)('is searched for %s', async (_, query, fits) => {
    const expected = whole.filter(fits);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(whole.length);
    expect(await read(`limit=200&${query()}`)).toEqual({ items: expected, next: null });
    const pages: number[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: JournalList = await read(`limit=1&${query()}${next === '' ? '' : `&before=${next}`}`);
      pages.push(...seqs(page.items));
      next = page.next;
    }
    expect(pages).toEqual(seqs(expected));
  });

  test('says what people and things are called, and nothing where it does not know', async () => {
    const [entry] = (await read(`subject=api_token:${ids.Alpha}&action=api_token.changed`)).items;
    expect(entry).toMatchObject({ actor: { name: server.admin.email }, subject: { name: 'Alpha' } });
    const [role] = (await read('action=role.')).items;
    expect(role?.subject).toEqual({ type: 'role', id: 'auditor', name: null });
    expect(whole.find(({ actor }) => actor.type === 'system')?.actor.name).toBeNull();
  });

  test('finds nothing where there is nothing, and refuses what it cannot read', async () => {
    for (const query of [
      'action=nothing.',
      'actor=nobody',
      'subject=thing:none',
      'search=xyzzy',
      'from=2999-01-01T00:00:00Z',
    ])
      expect(await read(query)).toEqual({ items: [], next: null });
    expectFaults(await get('?subject=plain'), '/query/subject');
    expectFaults(await get('?from=yesterday'), '/query/from');
    expectFaults(await get('?acton=x'), '/query/acton');
    expectFaults(await get('/export?format=xml'), '/query/format');
  });

  test('is found in only by its own organization [S53]', async () => {
    const globex = await server.addOrganization(`globex-${database}`);
    const stranger = await bearerOf(server, globex.owner);
    for (const path of ['?search=alpha', `?subject=api_token:${ids.Alpha}`, '/export?format=json&search=alpha']) {
      const answer = await get(path, stranger);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/alpha|api_token.created"[^}]*Alpha/i);
    }
    const { secret: member } = await bearerWithRole(server, server.organization, 'member');
    for (const path of ['?search=alpha', '/export?format=csv', '/chain']) {
      expectForbidden(await get(path, member), 'read:journal');
    }
  });

  test('is had as JSON, whole or filtered, as it is shown', async () => {
    const answer = await get('/export?format=json&action=api_token.');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="journal.json"');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual((await read('limit=200&action=api_token.')).items);
    expect((await get('/export?format=json&action=nothing.')).body).toEqual([]);
  });

  test('is had as CSV, in which no cell is calculated [S83]', async () => {
    const { text, headers } = await get(`/export?format=csv&search=${enc('=cmd')}`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const rows = text.split('\r\n');
    expect(rows[0]).toBe(
      'seq,at,actor type,actor id,actor name,action,subject type,subject id,subject name,detail,hash,actor organization,organization',
    );
    expect(rows).toHaveLength(4);
    expect(rows[1]).toContain(`,${ids['=cmd()']},'=cmd(),"{""description"":""About =cmd()""}",`);
    for (const cell of text.split(/,|\r\n/)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  test('is searched and had whole when it is long, without a gap or a repetition', async () => {
    const long = await server.core.createOrganization(systemIn(), { name: `long-${database}`, planId: 'free' });
    const machine = systemIn(long);
    const { user } = await server.core.createUser(machine, {
      email: `o@long-${database}.example`,
      name: 'O',
      role: 'owner',
    });
    const bearer = await bearerOf(server, { caller: await server.callerFor({ type: 'user', id: user.id }) });
    const at = server.clock.now();
    const actor = { type: 'system', id: 'system' } as const;
    for (let start = 0; start < 12_000; start += 3000) {
      await server.store.write(async ({ journal }) => {
        for (let n = start; n < start + 3000; n += 1) {
          const subject = { type: 'thing', id: `thing ${n}` };
          journal({
            at,
            organizationId: long.id,
            actor,
            action: n % 4000 === 7 ? 'thing.rare' : 'thing.made',
            subject,
            detail: { n },
          });
        }
      });
    }
    const rare = (await get('?action=thing.rare', bearer)).body;
    expect(rare.items.map(({ subject }) => subject.id)).toEqual(['thing 8007', 'thing 4007', 'thing 7']);
    expect(rare.next).toBeNull();
    const all = (await get('/export?format=json&action=thing.', bearer)).body as unknown as JournalEntry[];
    expect(all.map(({ detail }) => detail.n)).toEqual(Array.from({ length: 12_000 }, (_, n) => 11_999 - n));
    const csv = (await get('/export?format=csv', bearer)).text;
    expect(csv.split('\r\n').length).toBeGreaterThan(12_000);
    const past = (await get(`?until=${enc(new Date(at - 7_200_000).toISOString())}`, bearer)).body;
    expect(past).toEqual({ items: [], next: null });
  });

  test('says how its chain stands, up to its end [S123]', async () => {
    const chain = () => call<ChainStatus>(server, 'GET', '/v1/journal/chain', owner);
    await expect.poll(async () => (await chain()).body.intact, { interval: 250 }).toBe(true);
    const { body } = await chain();
    const { items } = await read('limit=1');
    expect(body.head).toBeGreaterThanOrEqual(items[0]?.seq ?? 0);
    expect(body.checkedTo).toBeGreaterThan(whole.length);
    expect(body.problem).toBeUndefined();
  });
});
