// Every setting of Keyward, in one table, and how they become one frozen Config: defaults < keyward.yaml < environment <
// command line, parsed once and strictly. It opens nothing but the file; what a setting means belongs to its reader.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DialectName } from '../dialects/dialect.ts';
import type { GuardedRoute } from '../http/gateway/guarded-route.ts';
import { type ServerLimits, usualLimits } from '../http/gateway/pass-limits.ts';
import { elsewhereSettings } from './elsewhere-settings.ts';
import { type ListeningConfig, listeningSettings } from './listening-settings.ts';
import { type LogConfig, logSettings } from './log-settings.ts';
import { type RecoveryConfig, recoverySettings } from './recovery-settings.ts';
import { readRoutes } from './route.ts';
import { type Given, takeEnvironment, takeFile } from './source.ts';
import { type TelemetryConfig, telemetryOf, telemetrySettings } from './telemetry-settings.ts';
import * as read from './value.ts';

/** What one server is told. Deeply frozen; paths are absolute. */
export interface Config extends ListeningConfig, RecoveryConfig, LogConfig {
  readonly data: string;
  /** The public address without a trailing slash; null means the one it listens on (see `listenUrl`). */
  readonly url: string | null;
  /** A `postgres://` address; null means SQLite in `<data>/keyward.db`. */
  readonly database: string | null;
  /** The sealing keys; null means the file `<data>/secrets.key`. Never null together with `database`. */
  readonly secrets: string | null;
  /** Files with the certificate chain and its private key, in PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Addresses and ranges in CIDR form. */
  readonly trustedProxies: readonly string[];
  /** Origins whose pages may read answers of Keyward's own API, or `*`. */
  readonly cors: readonly string[];
  readonly dialects: Readonly<Record<DialectName, boolean>>;
  readonly apiUserDomain: string;
  /** What new API tokens begin with, without the `_` behind it. */
  readonly tokenPrefix: string;
  /** The id of the plan of new organizations. */
  readonly defaultPlan: string;
  /** How often one name may fail to sign in from one address in a minute. */
  readonly signInFailures: number;
  /** How long a session lasts without being used, and at most. */
  readonly sessionIdleMinutes: number;
  readonly sessionHours: number;
  /** Whether nonces of DPoP proofs are one node's alone, or all nodes take each other's. */
  readonly dpopNonces: read.NonceScope;
  /** Serves the portal at `/`; it needs the native dialect. */
  readonly portal: boolean;
  /** Answers checks ahead of the router; false leaves every request to Node's parser and the router. */
  readonly fastPath: boolean;
  readonly routes: readonly GuardedRoute[];
  /** How much and how long calls that the gateway passes on may take. */
  readonly gateway: ServerLimits;
  /** Documents that are read from other servers: hosts, addresses and ranges beyond the public Internet, and a file of CAs. */
  readonly outbound: { readonly allowPrivate: readonly string[]; readonly ca: string | null };
  /** Clients that describe themselves at an address: its hosts, and what they may ask for. */
  readonly clientMetadata: { readonly hosts: readonly string[]; readonly permissions: readonly string[] };
  /** Where GitHub's keys are, for its reports of leaked tokens, null takes none; and what becomes of a token that came in clear. */
  readonly leaks: { readonly githubKeys: string | null; readonly inClear: read.InClearPolicy };
  /** Traces and metrics that are sent to a collector. */
  readonly telemetry: TelemetryConfig;
}

/** One row of the table. `env` or `flag` is null where that way of setting it does not exist. */
export interface Setting {
  env: string | null;
  flag: string | null;
  /** True keeps it out of the file. */
  environmentOnly?: true;
  fallback: unknown;
  /** True keeps its value out of messages: it holds a secret, or is too long to be repeated. */
  hidden?: true;
  /** Turns text, or what the file holds, into the setting; throws an Error whose message continues the key's name. */
  read: (value: unknown, folder: string) => unknown;
  help: string;
}

/**
 * Every setting, by its key in keyward.yaml. What holds a secret has no flag: arguments are visible to every process.
 * `KEYWARD_CONFIG` (or `--config`) names another file than ./keyward.yaml, relative paths in it start at its folder;
 * `KEYWARD_CREDENTIALS` is where `keyward login` keeps its token.
 */
export const settings = {
  ...listeningSettings,
  data: {
    env: 'KEYWARD_DATA',
    flag: '--data <folder>',
    fallback: './data',
    read: read.path,
    help: 'folder for the database, the sealing key and the lock',
  },
  url: {
    env: 'KEYWARD_URL',
    flag: '--url <url>',
    fallback: null,
    read: read.orNull(read.origin),
    help: 'public address, such as https://auth.example.com; default: where it listens',
  },
  database: {
    env: 'KEYWARD_DATABASE',
    flag: null,
    fallback: null,
    hidden: true,
    read: read.orNull(read.postgresUrl),
    help: 'postgres:// address; without it SQLite, in <data>/keyward.db',
  },
  secrets: {
    env: 'KEYWARD_SECRETS',
    flag: null,
    environmentOnly: true,
    hidden: true,
    fallback: null,
    read: read.orNull(read.text),
    help: 'sealing keys; required with PostgreSQL, else made in <data>/secrets.key at the first start',
  },
  'tls.cert': {
    env: 'KEYWARD_TLS_CERT',
    flag: '--tls-cert <file>',
    fallback: null,
    read: read.orNull(read.path),
    help: 'certificate chain, PEM',
  },
  'tls.key': {
    env: 'KEYWARD_TLS_KEY',
    flag: '--tls-key <file>',
    fallback: null,
    hidden: true,
    read: read.orNull(read.path),
    help: 'private key of the certificate, PEM',
  },
  trustedProxies: {
    env: 'KEYWARD_TRUSTED_PROXIES',
    flag: '--trusted-proxies <list>',
    fallback: [],
    read: read.networks,
    help: 'addresses or CIDR ranges whose X-Forwarded-* headers are believed, separated by commas',
  },
  cors: {
    env: 'KEYWARD_CORS',
    flag: null,
    fallback: [],
    read: read.origins,
    help: "origins whose pages may call Keyward's own API, separated by commas, or *; never with cookies",
  },
  dialects: {
    env: 'KEYWARD_DIALECTS',
    flag: '--dialects <list>',
    fallback: {},
    read: read.dialects,
    help: 'the dialects that are on, separated by commas; in the file a map such as { versio: false }; default: all',
  },
  apiUserDomain: {
    env: 'KEYWARD_API_USER_DOMAIN',
    flag: null,
    fallback: 'keyward.local',
    read: read.domain,
    help: 'usernames of API users end in @api.<domain>',
  },
  tokenPrefix: {
    env: 'KEYWARD_TOKEN_PREFIX',
    flag: null,
    fallback: 'kw',
    read: read.tokenPrefix,
    help: 'what new API tokens begin with, before an underscore; those with another go on working',
  },
  defaultPlan: {
    env: 'KEYWARD_DEFAULT_PLAN',
    flag: null,
    fallback: 'free',
    read: read.planId,
    help: 'the id of the plan of new organizations; there must be one',
  },
  signInFailures: {
    env: 'KEYWARD_SIGN_IN_FAILURES',
    flag: null,
    fallback: 10,
    read: read.count,
    help: 'how often one name may fail to sign in from one address in a minute; 6 times that for an address',
  },
  sessionIdleMinutes: {
    env: 'KEYWARD_SESSION_IDLE_MINUTES',
    flag: null,
    fallback: 120,
    read: read.count,
    help: 'minutes after which a session in the portal ends if it is not used',
  },
  sessionHours: {
    env: 'KEYWARD_SESSION_HOURS',
    flag: null,
    fallback: 12,
    read: read.count,
    help: 'hours after which a session in the portal ends, used or not',
  },
  dpopNonces: {
    env: 'KEYWARD_DPOP_NONCES',
    flag: null,
    fallback: 'node',
    read: read.nonceScope,
    help: 'node: a DPoP proof is good on the node alone that gave its nonce, and once; shared: on each node once',
  },
  portal: {
    env: 'KEYWARD_PORTAL',
    flag: null,
    fallback: true,
    read: read.yesOrNo,
    help: 'whether the portal is served at /; it needs the native dialect',
  },
  fastPath: {
    env: 'KEYWARD_FAST_PATH',
    flag: null,
    fallback: true,
    read: read.yesOrNo,
    help: "whether checks are answered ahead of the router; false leaves every request to Node's own parser",
  },
  routes: {
    env: null,
    flag: null,
    fallback: [],
    hidden: true,
    read: readRoutes,
    help: 'guarded routes and the upstreams behind them: a list of path, upstream, methods, permissions, …',
  },
  'gateway.bodyLimit': {
    env: 'KEYWARD_GATEWAY_BODY_LIMIT',
    flag: null,
    fallback: usualLimits.bodyBytes,
    read: read.size,
    help: 'the largest body that the gateway passes on, such as 10MB; each route may say otherwise',
  },
  'gateway.connectSeconds': {
    env: 'KEYWARD_GATEWAY_CONNECT_SECONDS',
    flag: null,
    fallback: usualLimits.connectMs / 1000,
    read: read.seconds,
    help: 'seconds that an upstream has to take a connection',
  },
  'gateway.uploadSeconds': {
    env: 'KEYWARD_GATEWAY_UPLOAD_SECONDS',
    flag: null,
    fallback: usualLimits.uploadMs / 1000,
    read: read.seconds,
    help: 'seconds between two pieces of a client’s body, on a guarded route; each route may say otherwise',
  },
  'gateway.answerSeconds': {
    env: 'KEYWARD_GATEWAY_ANSWER_SECONDS',
    flag: null,
    fallback: usualLimits.answerMs / 1000,
    read: read.seconds,
    help: 'seconds that an upstream has to begin its answer; each route may say otherwise',
  },
  'gateway.idleSeconds': {
    env: 'KEYWARD_GATEWAY_IDLE_SECONDS',
    flag: null,
    fallback: usualLimits.idleMs / 1000,
    read: read.seconds,
    help: 'seconds between two pieces of an upstream’s answer, or of a WebSocket; each route may say otherwise',
  },
  ...recoverySettings,
  ...elsewhereSettings,
  ...logSettings,
  ...telemetrySettings,
} satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settings;

/** Settings that cannot be used. `message` has one line per problem, and no value of a setting that may hold a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** What was given on the command line: text by setting key, and `config` for the file. */
export type Flags = Readonly<Partial<Record<SettingKey | 'config', string>>>;

/** Reads the file, the environment and the flags. Throws ConfigError with everything that is wrong. */
export function loadConfig(flags: Flags, environment: NodeJS.ProcessEnv, folder: string): Config {
  const { config: file, ...flagged } = flags;
  const named = file ?? environment.KEYWARD_CONFIG;
  const path = configPath(flags, environment, folder);
  const given: Given = { settings, values: new Map(), problems: [] };
  if (existsSync(path)) takeFile(given, path);
  else if (named !== undefined) given.problems.push(`The configuration file ${path} does not exist.`);
  takeEnvironment(given, environment, folder);
  for (const [key, value] of Object.entries(flagged)) {
    if (value !== undefined) given.values.set(key, { value, source: `--${dashed(key)}`, folder });
  }
  const values = readAll(given, folder);
  checkTogether(given, values);
  if (given.problems.length > 0) throw new ConfigError(given.problems);
  return deepFreeze(toConfig(values));
}

/** The file that settings are read from, if it is there. */
export function configPath({ config }: Flags, environment: NodeJS.ProcessEnv, folder: string): string {
  return resolve(folder, config ?? environment.KEYWARD_CONFIG ?? 'keyward.yaml');
}

/** The name of a key's flag, as `tls-cert` for `tls.cert`. */
export function dashed(key: string): string {
  return key.replace(/\.|(?=[A-Z])/g, '-').toLowerCase();
}

/** The address of a server that listens on `port`. A wildcard host is shown as the loopback address. */
export function listenUrl(config: Pick<Config, 'host' | 'tls'>, port: number): string {
  const scheme = config.tls === null ? 'http' : 'https';
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host === '::' ? '::1' : config.host;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

type Values = { [K in SettingKey]: ReturnType<(typeof settings)[K]['read']> };

function readAll({ values, problems }: Given, folder: string): Values {
  const entries = Object.entries(settings).map(([key, setting]: [string, Setting]) => {
    const { value, source, folder: base } = values.get(key) ?? { value: setting.fallback, source: '', folder };
    try {
      return [key, setting.read(value, base)];
    } catch (error) {
      const why = error instanceof Error ? error.message : 'is wrong';
      problems.push(`${key} ${why}${setting.hidden ? '' : `; it is ${shown(value)}`} (${source}).`);
      return [key, null];
    }
  });
  return Object.fromEntries(entries);
}

function shown(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/@]*@/, '//…@');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Looks at what was given and not at what was read, so that what was given wrong is not said to be lacking too. */
function checkTogether({ values, problems }: Given, read: Values): void {
  if (values.has('tls.cert') !== values.has('tls.key')) {
    const [there, lacking] = values.has('tls.cert') ? ['tls.cert', 'tls.key'] : ['tls.key', 'tls.cert'];
    problems.push(
      `tls.cert and tls.key go together: ${there} is given (${values.get(there)?.source}), ${lacking} is not. Give both, or neither.`,
    );
  }
  if (read.database !== null && !values.has('secrets')) {
    problems.push(
      'With PostgreSQL the sealing keys must be in KEYWARD_SECRETS, so that every node has the same ones: KEYWARD_SECRETS="$(cat secrets.key)"',
    );
  }
}

function toConfig(values: Values): Config {
  const { 'tls.cert': cert, 'tls.key': key, ...others } = values;
  const gateway = {
    bodyBytes: values['gateway.bodyLimit'],
    connectMs: values['gateway.connectSeconds'] * 1000,
    uploadMs: values['gateway.uploadSeconds'] * 1000,
    answerMs: values['gateway.answerSeconds'] * 1000,
    idleMs: values['gateway.idleSeconds'] * 1000,
  };
  const plain = Object.fromEntries(Object.entries(others).filter(([name]) => !name.includes('.'))) as Plain<
    typeof others
  >;
  const outbound = { allowPrivate: values['outbound.allowPrivate'], ca: values['outbound.ca'] };
  const clientMetadata = {
    hosts: values['clientMetadata.hosts'],
    permissions: values['clientMetadata.permissions'],
  };
  const leaks = { githubKeys: values['leaks.githubKeys'], inClear: values['leaks.inClear'] };
  const tls = cert === null || key === null ? null : { cert, key };
  return { ...plain, tls, gateway, outbound, clientMetadata, leaks, telemetry: telemetryOf(values) };
}

/** The settings that stand in no group. */
type Plain<T> = { [K in keyof T as K extends `${string}.${string}` ? never : K]: T[K] };

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
