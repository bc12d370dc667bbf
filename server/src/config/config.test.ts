// What operators may rely on when they configure a server: precedence, strictness, and silence about secrets.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dialectNames } from '../dialects/dialect.ts';
import { ConfigError, listenUrl, loadConfig, settings } from './config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (text: string, name = 'keyward.yaml') => writeFileSync(join(folder, name), text);
const load = (flags = {}, environment = {}) => loadConfig(flags, environment, folder);
const problems = (flags = {}, environment = {}) => {
  try {
    load(flags, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('without any setting', () => {
  test('listens on the loopback address only, with SQLite in ./data and every dialect on', () => {
    expect(load()).toEqual({
      host: '127.0.0.1',
      port: 8080,
      workers: 'auto',
      data: join(folder, 'data'),
      url: null,
      database: null,
      secrets: null,
      tls: null,
      trustedProxies: [],
      cors: [],
      dialects: Object.fromEntries(dialectNames.map((name) => [name, true])),
      apiUserDomain: 'keyward.local',
      tokenPrefix: 'kw',
      journalHead: null,
      defaultPlan: 'free',
      signInFailures: 10,
      sessionIdleMinutes: 120,
      sessionHours: 12,
      portal: true,
      fastPath: true,
      routes: [],
      gateway: { bodyBytes: 10_485_760, connectMs: 5000, uploadMs: 60_000, answerMs: 60_000, idleMs: 300_000 },
      leaks: { githubKeys: null, inClear: 'flag' },
      outbound: { allowPrivate: [], ca: null },
      clientMetadata: { hosts: [], permissions: ['read:*'] },
      logLevel: 'info',
      dpopNonces: 'node',
      requestLog: false,
      requestLogShare: 1,
      requestLogPerSecond: 1000,
      telemetry: {
        traces: null,
        metrics: null,
        headers: {},
        sampler: 'parentbased_always_on',
        samplerRatio: 1,
        resource: { 'service.name': 'keyward' },
        spansEveryMs: 5000,
        metricsEveryMs: 60_000,
        timeoutMs: 10_000,
      },
    });
  });

  test('cannot be changed afterwards, at any depth', () => {
    const config = load();
    expect(Object.isFrozen(config)).toBe(true);
    expect(() => Object.assign(config.dialects, { native: false })).toThrow(TypeError);
    expect(() => Object.assign(config.trustedProxies, { 0: '0.0.0.0/0' })).toThrow(TypeError);
  });
});

describe('precedence', () => {
  test('the file beats the default, the environment the file, the command line the environment', () => {
    file('port: 1\nhost: 10.0.0.1\nlogLevel: warn\n');
    const config = load({ port: '3' }, { KEYWARD_PORT: '2', KEYWARD_HOST: '10.0.0.2' });
    expect(config).toMatchObject({ port: 3, host: '10.0.0.2', logLevel: 'warn', apiUserDomain: 'keyward.local' });
  });

  test('an empty variable or an empty line in the file counts as not set', () => {
    file('host:\n');
    expect(load({}, { KEYWARD_PORT: '' })).toMatchObject({ host: '127.0.0.1', port: 8080 });
  });

  test('relative paths in the file start at its folder, others at the current one', () => {
    writeFileSync(join(folder, 'other.yaml'), 'data: kept\n');
    expect(loadConfig({ config: join(folder, 'other.yaml') }, {}, '/tmp').data).toBe(join(folder, 'kept'));
    expect(load({ data: 'there' }).data).toBe(join(folder, 'there'));
    expect(load({ data: '/srv/keyward' }).data).toBe('/srv/keyward');
  });

  test('KEYWARD_CONFIG names another file, and a named file must exist', () => {
    file('port: 7', 'other.yaml');
    expect(load({}, { KEYWARD_CONFIG: 'other.yaml' }).port).toBe(7);
    expect(problems({ config: 'nowhere.yaml' })).toEqual([expect.stringContaining('nowhere.yaml does not exist')]);
  });
});

describe('strictness', () => {
  test.each([
    ['prot: 8080', 'there is no setting "prot"; did you mean "port"?'],
    ['tls: { crt: a.pem }', 'there is no setting "tls.crt"; did you mean "tls.cert"?'],
    ['trusted_proxies: []', 'did you mean "trustedProxies"?'],
    ['dialects: { debriked: false }', 'did you mean "debricked"?'],
    ['routes: [{ path: /a, upstream: "http://127.0.0.1:1", permision: x }]', 'did you mean "permissions"?'],
    ['zzzzzzzzzz: 1', 'there is no setting "zzzzzzzzzz".'],
  ])('refuses the unknown key in %j and names the nearest one', (text, message) => {
    file(text);
    expect(problems()).toEqual([expect.stringContaining(message)]);
  });

  test('takes true and false for the portal, and nothing that means either', () => {
    expect(load({}, { KEYWARD_PORTAL: 'false' }).portal).toBe(false);
    expect(load({}, { KEYWARD_PORTAL: 'true' }).portal).toBe(true);
    expect(problems({}, { KEYWARD_PORTAL: 'no' })).toEqual([expect.stringContaining('must be true or false')]);
  });

  test('refuses an unknown KEYWARD_ variable, but not what Kubernetes sets for a service named keyward', () => {
    expect(problems({}, { KEYWARD_TLS_CRT: 'x' })).toEqual([expect.stringContaining('"KEYWARD_TLS_CERT"')]);
    const links = {
      KEYWARD_PORT: 'tcp://10.0.0.1:8080',
      KEYWARD_SERVICE_HOST: '10.0.0.1',
      KEYWARD_PORT_8080_TCP_PORT: '1',
    };
    expect(load({}, links).port).toBe(8080);
  });

  test.each([
    ['port', '65536'],
    ['port', '-1'],
    ['port', '8080x'],
    ['port', '1e3'],
    ['host', 'http://here'],
    ['url', 'https://auth.example.com/keyward'],
    ['url', 'https://user:secret@auth.example.com'],
    ['url', 'ftp://auth.example.com'],
    ['trustedProxies', '10.0.0.0/33'],
    ['trustedProxies', 'localhost'],
    ['dialects', 'native,klingon'],
    ['logLevel', 'loud'],
    ['dpopNonces', 'none'],
    ['data', ' '],
  ])('refuses %s = %j and names the flag', (key, value) => {
    expect(problems({ [key]: value })).toEqual([expect.stringMatching(new RegExp(`^${key} .*\\(--[a-z-]+\\)\\.$`))]);
  });

  test('shows the value that is wrong', () => {
    expect(problems({ port: 'many' })).toEqual(['port must be a whole number from 0 to 65535; it is "many" (--port).']);
    file('trustedProxies: [10.0.0.1, localhost, "::1/200"]');
    expect(problems()).toEqual([expect.stringMatching(/which "localhost", "::1\/200" are not.*keyward\.yaml/)]);
  });

  test.each(['KEYWARD_TOKEN', 'KEYWARD_CREDENTIALS', 'KEYWARD_MOVE_TO', 'KEYWARD_PROFILE'])(
    "%s, which is a program's own, keeps no server from starting",
    (name) => {
      expect(load({}, { [name]: 'x' }).port).toBe(8080);
    },
  );

  test.each([
    ['port: 1\n\thost: x', 'line 2, column 1: this line is indented with a tab'],
    ['port: 1\nport: 2', 'line 2, column 1: this setting is there twice'],
    ['tls:\n  cert: a\n key: b', 'line 3, column 1: this line is indented by too much or too little'],
    ['host: "127.0.0.1', 'a quote, a bracket, a colon or a space is missing here'],
    ['routes: [{ path: /a }', 'or a bracket before it is not closed'],
    ['url: https: //x', 'there are two colons in this line'],
    ['host: @here', 'text that begins with this character needs quotes'],
    ['host: *here', 'no anchor'],
    ['host: a\n---\nhost: b', 'there may be one'],
  ])('tells in words what is wrong with the YAML of %j', (text, words) => {
    file(text);
    expect(problems().join('\n')).toContain(words);
    expect(problems().join('\n')).not.toMatch(/[A-Z]+_[A-Z]+/);
  });

  test.each(['data', 'tls.cert'])('a ~ in %s is not taken for a folder of that name', (key) => {
    expect(problems({ 'tls.key': 'k', 'tls.cert': 'c', [key]: '~/keyward' })).toEqual([
      expect.stringContaining('only a shell replaces'),
    ]);
  });

  test.each([
    'port: [1]',
    'port: 1.5',
    'dialects: { native: yes please }',
    'trustedProxies: { a: 1 }',
    'tls: here',
    '- a',
    'a: b: c',
  ])('refuses the file %j', (text) => {
    file(text);
    expect(problems()).toHaveLength(1);
  });

  test('tells all problems at once', () => {
    file('port: 99999\nhots: x\n');
    expect(problems({}, { KEYWARD_LOG_LEVEL: 'loud' })).toHaveLength(3);
  });

  test('wants the certificate together with its key, and the sealing keys with PostgreSQL', () => {
    expect(problems({ 'tls.cert': 'a.pem' })).toEqual([expect.stringContaining('tls.cert and tls.key')]);
    expect(load({ 'tls.cert': 'a.pem', 'tls.key': '/b.pem' }).tls).toEqual({
      cert: join(folder, 'a.pem'),
      key: '/b.pem',
    });
    expect(problems({}, { KEYWARD_DATABASE: 'postgres://db/keyward' })).toEqual([
      expect.stringContaining('KEYWARD_SECRETS'),
    ]);
  });
});

describe('secrets', () => {
  test('are never repeated in a message, whatever is wrong around them [S124]', () => {
    file('database: "mysql://u:hunter2@db/keyward"\nport: many\nsecrets: hunter2\n');
    const key = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----';
    const first = problems({}, { KEYWARD_URL: 'https://u:hunter2@x', KEYWARD_TLS_KEY: key });
    file('database: "postgres://u:hunter2@db\nport: hunter2: hunter2\n*hunter2');
    const all = [...first, ...problems({}, { KEYWARD_SECRETS: 'hunter2' })];
    expect(all.length).toBeGreaterThan(4);
    expect(all.join('\n')).not.toContain('hunter2');
  });

  test('have no flag and stay out of the file [S128]', () => {
    expect(settings.secrets.flag).toBeNull();
    expect(settings.database.flag).toBeNull();
    file('secrets: abc\n');
    expect(problems()).toEqual([expect.stringContaining('KEYWARD_SECRETS')]);
  });
});

describe('lists', () => {
  test('dialects: a list switches the others off, a map switches single ones off', () => {
    expect(load({ dialects: 'native, versio' }).dialects).toMatchObject({ native: true, versio: true, parsers: false });
    file('dialects: { versio: false }');
    expect(load().dialects).toMatchObject({ native: true, versio: false, parsers: true });
  });

  test('trusted proxies come as text with commas or as a list', () => {
    file('trustedProxies: ["::1", 10.0.0.0/8]');
    expect(load().trustedProxies).toEqual(['::1', '10.0.0.0/8']);
    expect(load({ trustedProxies: '192.168.0.1, fd00::/8' }).trustedProxies).toEqual(['192.168.0.1', 'fd00::/8']);
  });

  test('routes get their defaults, and contradictions are refused', () => {
    file(`routes:
  - { path: /v2/funds, upstream: 'http://127.0.0.1:3000', permissions: ['read:funds'], dialect: parsers }
  - { path: '/db/:environment', upstream: 'http://127.0.0.1:3000', methods: get, organizationParam: environment }
  - { path: '/told/*', plan: pln_1, cost: 5 }`);
    const upstream = 'http://127.0.0.1:3000';
    const spends = { api: null, plan: null, cost: 1 };
    const needs = { credential: 'required', accepts: null, match: 'all' };
    const passing = { keepCredential: false, keepHost: false, securityHeaders: true, cors: null, limits: {} };
    const paths = { methods: ['GET'], encodedSlashes: false, semicolons: false };
    const shared = { ...paths, ...needs, ...passing, upstream, ...spends };
    expect(load().routes).toEqual([
      { ...shared, path: '/v2/funds', permissions: ['read:funds'], dialect: 'parsers', organizationParam: null },
      { ...shared, path: '/db/:environment', permissions: [], dialect: null, organizationParam: 'environment' },
      {
        ...shared,
        path: '/told/*',
        permissions: [],
        dialect: null,
        organizationParam: null,
        upstream: null,
        plan: 'pln_1',
        cost: 5,
      },
    ]);
    for (const wrong of [
      '{ path: /a, keepCredential: true }',
      '{ path: /a, upstream: "http://x", keepCredential: 1 }',
      '{ path: /a, cost: -1 }',
      '{ path: /a, cost: 1.5 }',
      '{ path: /a, plan: 7 }',
      '{ path: /a, api: 7 }',
      '{ path: a, upstream: "http://x" }',
      '{ path: /a, upstream: "http://x/y?z" }',
      '{ path: /a, upstream: "http://x", methods: [TRACE] }',
      '{ path: /a, upstream: "http://x", permissions: [read] }',
      '{ path: /a, upstream: "http://x", permissions: ["read:a"], anonymous: true }',
      '{ path: /a, upstream: "http://x", organizationParam: environment }',
      '{ path: /a, upstream: "http://x", dialect: klingon }',
      'text',
    ]) {
      file(`routes: [${wrong}]`);
      expect(problems(), wrong).toEqual([expect.stringMatching(/^routes /)]);
    }
  });
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://[::1]:80'],
  ['auth.local', 'http://auth.local:80'],
])('a server that listens on %s is reached at %s', (host, url) => {
  expect(listenUrl({ host, tls: null }, 80)).toBe(url);
});
