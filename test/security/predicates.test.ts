// Every statement that changes or removes rows of an organization names that organization; what does not is listed here
// with the reason. What the statements do is for the conformance of storage.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'server', 'src', 'storage');

interface Statement {
  verb: string;
  table: string;
  text: string;
}

/** Changes as they are written with Kysely, or as SQL. */
function statementsIn(source: string): Statement[] {
  const begins =
    /\.(updateTable|deleteFrom|mergeInto|replaceInto)\(\s*(?:'(\w+)'|(\w+))|sql(?:<[^>]*>)?`\s*(update|delete|truncate)\s+(?:from\s+)?(\w+)/gi;
  return [...source.matchAll(begins)].map((found) => ({
    verb: found[1] ?? found[4] ?? '',
    table: found[2] ?? found[3] ?? found[5] ?? '',
    text: source.slice(found.index, ends(source, found.index)),
  }));
}

function ends(source: string, from: number): number {
  const end = /\.compile\(\)|;\s*\n\s*\n|\n}/g;
  end.lastIndex = from;
  return end.exec(source)?.index ?? source.length;
}

/** Tables that belong to no organization, or whose rows are known by what nobody can guess. */
const unscopedTables: Readonly<Record<string, string>> = {
  organizations: 'an organization is its own scope; core asks for an operator',
  signing_keys: 'they belong to the whole server; core asks for an operator',
  plans: 'they belong to the whole server; core asks for an operator',
  apis: 'they belong to the whole server; core asks for an operator',
  api_permissions: 'they belong to the whole server; core asks for an operator',
  upgrade_steps: 'they belong to the whole server, and only the program itself does them',
  leases: 'shares of budgets, removed when they have ended, whoever they were granted to',
  verifiers: 'a line of the roll is known by its random id; removed when its verifier has gone',
  node_questions: 'what a node asks others is known by its random id; removed when it was answered, or is old',
  node_answers: 'as the question that they are for',
  usage_counts: 'removed when they are old, whoever they count',
  observed_refusals: 'removed when they are old, whoever they count',
  credential_uses: 'removed when they are old, whoever they count',
  one_time_links: 'known by the digest of a random token, or removed when they have ended',
  device_codes: 'known by the digest of a random code, or by its application; removed when they have ended',
  issued_tokens: 'known by their random jti, and only ever removed when they have ended',
  revoked_tokens: 'known by their random jti or the random id of their source, or removed when they have ended',
  used_assertions: 'only ever removed when they have ended',
  webhook_cursor: 'it belongs to the whole server, and only the program itself moves it',
  notices: 'only ever removed when they have ended',
  server_state: 'it belongs to the whole server, and only a restore or a move changes it',
  authorization_codes: 'known by the digest of a random code; or ended with their application, wherever that is used',
  application_sessions: 'known by the digest of a random refresh token, which has just been shown',
};

/** Files whose statements are for all organizations at once. */
const wholeServer: Readonly<Record<string, string>> = {
  'move.ts': 'a move fills a database that is empty and that nobody serves; there is no caller',
  'restoring.ts':
    'a restore repeats what the journal says of every organization, while nobody serves; there is no caller',
};

/** Single statements without the predicate, by what is in them. */
const unscopedStatements: Readonly<Record<string, string>> = {
  "'password_hash', '=', v.expected":
    'the same password under newer parameters, for whoever has just proved to know it',
  'set({ seen_at: v.seenAt, expires_at: v.expiresAt': 'the session whose refresh token has just been shown',
  'set({ last_used_at: v.at })': 'what was allowed, whose code or refresh token has just been shown',
  "deleteFrom('sessions').where('id', 'in', its.select":
    'the sessions of an application that ends wherever it is used, or of what was allowed, which core has found',
  "deleteFrom('authorizations').where('application_id', '=', v.applicationId)":
    'what was allowed to an application that ends, wherever it is used',
  "deleteFrom('sessions').where('id', 'in', ids)":
    'the sessions of applications that name what is withdrawn from everybody; core asks for an operator',
  "deleteFrom('authorizations').where('id', '=', id)": 'what was allowed and names that alone',
  'set({ scope: JSON.stringify(scope), changed_at: at })': 'what was allowed and names that',
  "deleteFrom('sessions').where('id', 'in', some)": 'removed when they have ended, whose ever they are',
  "deleteFrom('webhook_deliveries').where('id', 'in', old)": 'removed when they are old, whose ever they are',
  "where(placeOf(type), '=', organizationId)": 'the organization by its own id, or others by theirs of it',
  '.returning(placeOf(type))': 'what a restore suspended, whose ever it is; core asks for an operator',
  "deleteFrom('kept_answers').where('id', 'in', some)": 'removed when they have ended, whose ever they are',
};

function unscoped(source: string): string[] {
  return statementsIn(source)
    .filter(({ table, text }) => !(table in unscopedTables) && !text.includes('organization_id'))
    .filter(({ text }) => !Object.keys(unscopedStatements).some((part) => text.includes(part)))
    .map(({ verb, table }) => `${verb} ${table}`);
}

test('every change and every deletion in storage says of which organization [S58]', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !/test|conformance/.test(name));
  const sources = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  const all = sources.flatMap(statementsIn);
  expect(all.length).toBeGreaterThan(12);
  const scoped = files
    .map((name, at) => ({ name, source: sources[at] ?? '' }))
    .filter(({ name }) => wholeServer[name] === undefined);
  expect(scoped.flatMap(({ name, source }) => unscoped(source).map((one) => `${name}: ${one}`))).toEqual([]);
  for (const name of Object.keys(wholeServer)) expect(files).toContain(name);
  for (const part of Object.keys(unscopedStatements))
    expect(sources.some((source) => source.includes(part))).toBe(true);
});

test.each([
  ["db.updateTable('users').set({ name }).where('id', '=', v.id).compile()", ['updateTable users']],
  ["db.deleteFrom('api_tokens').where('id', '=', v.id).compile()", ['deleteFrom api_tokens']],
  ['sql`delete from roles where name = 1`.compile(db)', ['delete roles']],
  ["db.updateTable(table as 'x').where('id', '=', v.id).compile()", ['updateTable table']],
  ["db.updateTable('users').where('organization_id', '=', v.organizationId).compile()", []],
  [
    "db.deleteFrom('roles').compile(); db.deleteFrom('roles').where('organization_id', '=', o).compile()",
    ['deleteFrom roles'],
  ],
])('the search judges %s', (source, expected) => {
  expect(unscoped(source)).toEqual(expected);
});
